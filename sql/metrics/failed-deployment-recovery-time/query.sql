-- Failed deployment recovery time: one row per group, and per group and bucket with failed ones.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with failed as (
    select
        place.group_name,
        width_bucket(failed.deployed_at, :bucket_starts::timestamptz[]) as bucket,
        seconds_between(failed.deployed_at, failed.recovered_at) as recovery_seconds
    from
        asked_places(
            :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
        ) as place
    inner join recoveries as failed using (service_id, environment_id)
    where
        failed.deployed_at >= :from::timestamptz
        and failed.deployed_at < :to::timestamptz
)

select
    group_name,
    bucket,
    percentile_cont(0.5) within group (order by recovery_seconds) as value,
    count(recovery_seconds) as count,
    percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by recovery_seconds)
        as percentiles,
    count(*) - count(recovery_seconds) as open
from failed
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
