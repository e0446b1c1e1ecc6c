-- Remember how far a metric has followed the log.
-- :consumer text; :seq bigint
update processed_events
set seq = :seq::bigint, updated_at = now()
where consumer = :consumer::text;
