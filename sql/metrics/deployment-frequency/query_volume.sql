-- How many deployments each service had: one row per service and bucket that has any, by time and
-- name, in the form of https://dora.dev/guides/dora-metrics/
-- :bucket day, week (from Monday), month or year, in UTC; :from inclusive, :to exclusive;
-- :services, :environments text[], or null for all; :most integer, rows
with counts as (
    select
        deploy_name,
        count(*) as deployments_count,
        date_trunc(:bucket::text, time_created, 'UTC') as starts_at
    from deployments
    where
        time_created >= :from::timestamptz
        and time_created < :to::timestamptz
        and (:services::text[] is null or deploy_name = any(:services::text[]))
        and (:environments::text[] is null or environment_id = any(:environments::text[]))
    group by deploy_name, starts_at
)

select
    deploy_name as "DeployName",
    deployments_count as "Deployments",
    to_char(starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "Time"
from counts
order by starts_at, deploy_name collate "C"
limit :most::integer;
