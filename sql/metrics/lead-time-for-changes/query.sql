-- Lead time for changes: one row per group, and per group and bucket that has shipped changes.
-- Where bots are apart, their changes are beside the others.
-- :from inclusive, :to exclusive; :repositories text[], or null for all; :bots_apart boolean; the
-- other parameters: sql/staging/50_asked.sql
with changes as (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        width_bucket(deployed_at, :bucket_starts::timestamptz[]) as bucket,
        is_bot and :bots_apart::boolean as is_apart,
        lead_time_seconds,
        seconds_between(committed_at, opened_at) as commit_to_opened_seconds,
        seconds_between(opened_at, merged_at) as opened_to_merged_seconds,
        seconds_between(merged_at, deployed_at) as merged_to_deployed_seconds
    from asked_changes(
        :from::timestamptz, :to::timestamptz, :services::text[], :environments::text[],
        :tiers::text[], :repositories::text[], :group_by::text
    )
)

select
    group_name,
    bucket,
    percentile_cont(0.5) within group (order by lead_time_seconds)
    filter (where not is_apart) as value,
    count(*) filter (where not is_apart) as count,
    percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by lead_time_seconds)
    filter (where not is_apart) as percentiles,
    percentile_cont(0.5) within group (order by commit_to_opened_seconds)
    filter (where not is_apart) as commit_to_opened,
    percentile_cont(0.5) within group (order by opened_to_merged_seconds)
    filter (where not is_apart) as opened_to_merged,
    percentile_cont(0.5) within group (order by merged_to_deployed_seconds)
    filter (where not is_apart) as merged_to_deployed,
    percentile_cont(0.5) within group (order by lead_time_seconds)
    filter (where is_apart) as bots_value,
    count(*) filter (where is_apart) as bots_count
from changes
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
