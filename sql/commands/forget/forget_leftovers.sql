-- Delete what is known by events alone that are gone: environments that nothing names any more, and
-- the counts of a source of which nothing is kept.
-- :sources text[], those of the events
with environments as (
    delete from named_environments as known
    where
        not exists (
            select from cdevents_raw as event
            where event.environment_id = known.environment_name
        )
)

delete from arrivals as counted
where
    counted.source = any(:sources::text[])
    and not exists (
        select from cloudevents_raw as event
        where event.ce_source = counted.source
    )
    and not exists (
        select from cdevents_raw as event
        where event.cd_source = counted.source
    )
    and not exists (
        select from dead_letters as event
        where event.ce_source = counted.source
    );
