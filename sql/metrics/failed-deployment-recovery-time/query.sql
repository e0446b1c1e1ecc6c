-- Failed deployment recovery time: one row per group, and per group and bucket with failed ones.
-- :from inclusive, :to exclusive; :bucket day, week, month, year or all; :services, :environments
-- text[], or null for all; :group_by service, environment, team, or null for one group; :teams
-- text, JSON object of the teams by service
with failed as (
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
        seconds_between(deployed_at, recovered_at) as recovery_seconds
    from recoveries
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and (:services::text[] is null or service_id = any(:services::text[]))
        and (:environments::text[] is null or environment_id = any(:environments::text[]))
)

select
    group_name,
    grouping(bucket_at) = 1 as is_total,
    bucket_at,
    percentile_cont(0.5) within group (order by recovery_seconds) as value,
    count(recovery_seconds) as count,
    percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by recovery_seconds)
        as percentiles,
    count(*) - count(recovery_seconds) as open
from failed
group by grouping sets ((group_name), (group_name, bucket_at))
order by group_name, bucket_at;
