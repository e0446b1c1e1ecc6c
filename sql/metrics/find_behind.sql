-- The metrics, of those that are given, that have something to do: one row each.
-- :metrics text[]
select asked.metric
from unnest(:metrics::text[]) as asked (metric)
where
    exists (
        select from stale_deployments as stale
        where stale.metric = asked.metric
    )
    or not exists (
        select from processed_events as processed
        where processed.consumer = asked.metric
    )
order by asked.metric;
