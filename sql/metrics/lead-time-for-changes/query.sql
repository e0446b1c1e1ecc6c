-- Lead time for changes: one row per group, and per group and bucket that has shipped changes. A
-- change counts once for each service of a group: at the first of these deployments that shipped
-- it, which is a question only where a service has several of the environments.
-- :from inclusive, :to exclusive; :repositories text[], or null for all; the other
-- parameters: sql/staging/50_asked.sql
with asked as materialized (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        width_bucket(deployed_at, :bucket_starts::timestamptz[]) as bucket,
        *
    from shipped_changes
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and is_asked(
            service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
        )
        and (:repositories::text[] is null or repository_id = any(:repositories::text[]))
),

several as (
    select service_id
    from asked
    group by service_id
    having min(environment_id) < max(environment_id)
),

changes as (
    select *
    from asked
    where service_id not in (select service_id from several)
    union all
    select * from (
        select distinct on (group_name, service_id, repository_id, sha) * from asked
        where service_id in (select service_id from several)
        order by
            group_name, service_id, repository_id, sha, deployed_at, revision, deploy_source,
            deploy_id
    ) as first
)

select
    group_name,
    bucket,
    percentile_cont(0.5) within group (order by lead_time_seconds) as value,
    count(*) as count,
    percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by lead_time_seconds)
        as percentiles,
    percentile_cont(0.5) within group (order by seconds_between(committed_at, opened_at))
        as commit_to_opened,
    percentile_cont(0.5) within group (order by seconds_between(opened_at, merged_at))
        as opened_to_merged,
    percentile_cont(0.5) within group (order by seconds_between(merged_at, deployed_at))
        as merged_to_deployed
from changes
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
