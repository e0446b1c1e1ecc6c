-- One row: how far a metric has followed the log, and the newest place in the log.
-- :consumer text
select
    coalesce((
        select processed.seq from processed_events as processed
        where processed.consumer = :consumer::text
    ), 0) as position,
    (select max(event.seq) from cdevents_raw as event) as newest;
