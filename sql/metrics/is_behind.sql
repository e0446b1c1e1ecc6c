-- One row: whether the timeline lacks an event of the log, or a metric has to renew rows of
-- deployments, or does not follow the timeline yet.
-- :metric, :source, :id text
select
    exists(
        select from cdevents_raw as event
        where
            event.cd_source = :source::text
            and event.cd_id = :id::text
            and event.seq > coalesce((
                select processed.seq from processed_events as processed
                where processed.consumer = 'timeline'
            ), 0)
            and not exists (
                select from applied_events as applied
                where applied.seq = event.seq
            )
    ) as is_due,
    has_to_renew(:metric::text) as is_stale;
