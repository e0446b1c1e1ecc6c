-- Remember how far a replay is.
-- :arguments text; :event_id bigint; :done bigint, events
update replays
set
    after_event_id = :event_id::bigint,
    done_count = :done::bigint,
    updated_at = now()
where arguments = :arguments::text;
