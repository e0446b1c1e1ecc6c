-- Apply events of the log to the timeline. Call under the lock timeline.
-- :sources, :ids text[] of events
select advance(:sources::text[], :ids::text[]);
