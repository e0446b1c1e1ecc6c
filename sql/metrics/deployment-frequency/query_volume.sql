-- How many deployments each service had: one value, a JSON list with one object per service and
-- bucket that has any, by time and name: https://dora.dev/guides/dora-metrics/
-- :bucket day, week (from Monday), month or year, in UTC; :from inclusive and :to exclusive, text
-- or null; :service, :environment text, or null for all
with counts as (
    select
        deploy_name,
        count(*) as deployments_count,
        date_trunc(:bucket::text, time_created, 'UTC') as starts_at
    from deployments
    where
        time_created >= coalesce(:from::timestamptz, '-infinity')
        and time_created < coalesce(:to::timestamptz, 'infinity')
        and (:service::text is null or deploy_name = :service::text)
        and (:environment::text is null or environment_id = :environment::text)
    group by deploy_name, starts_at
),

volume as (
    select
        deploy_name as "DeployName",
        deployments_count as "Deployments",
        to_char(starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "Time"
    from counts
)

select coalesce(json_agg(volume order by "Time", "DeployName" collate "C")::text, '[]')
from volume;
