-- When anything came last: one row, with the last event of whatever kind and the last CDEvent, or
-- null.
select
    (
        select max(event.received_at) from cloudevents_raw as event
    ) as last_event_at,
    (
        select event.recorded_at from cdevents_raw as event
        order by event.seq desc
        limit 1
    ) as last_cdevent_at;
