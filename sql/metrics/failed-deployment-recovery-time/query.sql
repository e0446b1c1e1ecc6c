-- Failed deployment recovery time: one row per group, and where there are several buckets
-- one per group and bucket with failed ones.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
select
    asked.group_name,
    failed.*
from
    asked_groups(
        :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
    ) as asked
cross join
    lateral (
        select
            time.bucket,
            percentile_cont(0.5) within group (order by taken.seconds) as value,
            count(taken.seconds) as count,
            percentile_cont(array[0.5, 0.75, 0.9, 0.95]) within group (order by taken.seconds)
                as percentiles,
            count(*) - count(taken.seconds) as open
        from unnest(asked.service_ids, asked.environment_ids) as place (service_id, environment_id)
        inner join recoveries as recovery using (service_id, environment_id)
        cross join
            lateral (
                select seconds_between(recovery.deployed_at, recovery.recovered_at) as seconds
            ) as taken
        cross join
            lateral (
                select width_bucket(recovery.deployed_at, :bucket_starts::timestamptz[]) as bucket
            ) as time
        where
            recovery.deployed_at >= :from::timestamptz
            and recovery.deployed_at < :to::timestamptz
        group by grouping sets ((), (time.bucket))
        having
            count(*) > 0 and (grouping(time.bucket) = 1 or cardinality(:bucket_starts::text[]) > 1)
    ) as failed
order by asked.group_name, failed.bucket;
