-- Lead time for changes: one row per group, and per group and bucket that has shipped changes.
-- :from inclusive, :to exclusive; :repositories text[], or null for all; the other
-- parameters: sql/staging/50_asked.sql
with changes as (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        width_bucket(deployed_at, :bucket_starts::timestamptz[]) as bucket,
        lead_time_seconds,
        seconds_between(committed_at, opened_at) as commit_to_opened_seconds,
        seconds_between(opened_at, merged_at) as opened_to_merged_seconds,
        seconds_between(merged_at, deployed_at) as merged_to_deployed_seconds
    from shipped_changes
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and is_asked(
            service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
        )
        and (:repositories::text[] is null or repository_id = any(:repositories::text[]))
)

select
    group_name,
    bucket,
    percentile_cont(0.5) within group (order by lead_time_seconds) as value,
    count(*) as count,
    percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by lead_time_seconds)
        as percentiles,
    percentile_cont(0.5) within group (order by commit_to_opened_seconds) as commit_to_opened,
    percentile_cont(0.5) within group (order by opened_to_merged_seconds) as opened_to_merged,
    percentile_cont(0.5) within group (order by merged_to_deployed_seconds) as merged_to_deployed
from changes
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
