-- The next batch of the log that the timeline lacks: one row per event, in the order of their
-- places.
-- :after, :until bigint; :size integer, events
select event.seq, event.cd_source, event.cd_id from cdevents_raw as event
where
    event.seq > :after::bigint
    and event.seq <= :until::bigint
    and not exists (
        select from applied_events as applied
        where applied.seq = event.seq
    )
order by event.seq
limit :size::integer;
