-- Delete what is known by events alone that are gone: environments that nothing names any more, and
-- of the sources the counts of which nothing is left, or all where nothing of a source is kept.
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
    and (
        (
            select sum(slot.events) from arrivals as slot
            where
                slot.day = counted.day
                and slot.kept_in = counted.kept_in
                and slot.source = counted.source
                and slot.type = counted.type
        ) = 0
        or not (
            exists (
                select from cloudevents_raw as event
                where event.ce_source = counted.source
            )
            or exists (
                select from cdevents_raw as event
                where event.cd_source = counted.source
            )
            or exists (
                select from dead_letters as event
                where event.ce_source = counted.source
            )
        )
    );
