-- Set an event of the log aside. Call under the lock timeline.
-- :source, :id, :reason text
select set_aside(:source::text, :id::text, :reason::text);
