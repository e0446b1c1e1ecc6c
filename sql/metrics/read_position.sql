-- One row: up to which place the timeline has all of the log, and the newest place in the log.
select
    coalesce((
        select processed.seq from processed_events as processed
        where processed.consumer = 'timeline'
    ), 0) as position,
    (select max(event.seq) from cdevents_raw as event) as newest;
