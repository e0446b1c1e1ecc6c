-- How far each metric is behind the log: one row each, with since when the oldest event or
-- deployment that it lacks waits, in seconds, and how many deployments wait, to 10,000.
-- :metrics text[]
with missing as materialized (
    select event.recorded_at from cdevents_raw as event
    where
        event.seq > coalesce((
            select processed.seq from processed_events as processed
            where processed.consumer = 'timeline'
        ), 0)
        and not exists (
            select from applied_events as applied
            where applied.seq = event.seq
        )
    order by event.seq
    limit 1
),

stale as (
    select
        asked.metric,
        asked.place,
        (
            select min(waiting.stale_since) from (
                select known.stale_since from stale_deployments as known
                where known.metric = asked.metric
                order by known.stale_id
                limit 1
            ) as waiting
        ) as since,
        (
            select count(*) from (
                select from stale_deployments as known
                where known.metric = asked.metric
                order by known.stale_id
                limit 10000
            ) as waiting
        ) as deployments
    from unnest(:metrics::text[]) with ordinality as asked (metric, place)
)

select
    stale.metric,
    greatest(
        0,
        extract(
            epoch from now() - least(stale.since, (select missing.recorded_at from missing))
        )
    )::double precision as lag_seconds,
    stale.deployments as waiting
from stale
order by stale.place;
