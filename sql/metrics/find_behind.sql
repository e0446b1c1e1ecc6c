-- The metrics, of those that are given, that have something to do: one row each.
-- :metrics text[]
select asked.metric
from unnest(:metrics::text[]) as asked (metric)
where has_to_renew(asked.metric)
order by asked.metric;
