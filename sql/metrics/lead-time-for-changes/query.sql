-- Lead time for changes: one row per group, and per group and bucket that has shipped changes.
-- :from inclusive, :to exclusive; :bucket day, week, month, year or all; :services, :environments
-- text[], or null for all; :group_by service, environment, team, or null for one group; :teams
-- text, JSON object of the teams by service
-- :repositories text[], or null for all
with changes as (
    select
        case :group_by::text
            when 'service' then service_id
            when 'environment' then environment_id
            when 'team' then :teams::jsonb ->> service_id
        end as group_name,
        case
            when :bucket::text <> 'all'
                then date_trunc(nullif(:bucket::text, 'all'), deployed_at, 'UTC')
        end as bucket_at,
        lead_time_seconds,
        seconds_between(committed_at, opened_at) as commit_to_opened_seconds,
        seconds_between(opened_at, merged_at) as opened_to_merged_seconds,
        seconds_between(merged_at, deployed_at) as merged_to_deployed_seconds
    from shipped_changes
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and (:services::text[] is null or service_id = any(:services::text[]))
        and (:environments::text[] is null or environment_id = any(:environments::text[]))
        and (:repositories::text[] is null or repository_id = any(:repositories::text[]))
)

select
    group_name,
    grouping(bucket_at) = 1 as is_total,
    bucket_at,
    percentile_cont(0.5) within group (order by lead_time_seconds) as value,
    count(*) as count,
    percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by lead_time_seconds)
        as percentiles,
    percentile_cont(0.5) within group (order by commit_to_opened_seconds) as commit_to_opened,
    percentile_cont(0.5) within group (order by opened_to_merged_seconds) as opened_to_merged,
    percentile_cont(0.5) within group (order by merged_to_deployed_seconds) as merged_to_deployed
from changes
group by grouping sets ((group_name), (group_name, bucket_at))
order by group_name, bucket_at;
