-- Deployment rework rate: one row per group, and where there are several buckets one
-- per group and bucket that has deployments.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
select
    asked.group_name,
    counted.*
from
    asked_groups(
        :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
    ) as asked
cross join
    lateral (
        select
            each.bucket,
            (sum(each.rework) / sum(each.count))::double precision as value,
            sum(each.count)::bigint as count,
            sum(each.rework)::bigint as rework
        from (
            select
                asked_bucket(deployed.deployed_at, :bucket_starts::timestamptz[]) as bucket,
                count(*) as count,
                count(*) filter (where deployed.is_rework) as rework
            from
                unnest(asked.service_ids, asked.environment_ids)
                    as place (service_id, environment_id)
            inner join deployment_reworks as deployed using (service_id, environment_id)
            where
                deployed.deployed_at >= :from::timestamptz
                and deployed.deployed_at < :to::timestamptz
            group by bucket
        ) as each
        group by grouping sets ((), (each.bucket))
        having
            count(*) > 0 and (grouping(each.bucket) = 1 or cardinality(:bucket_starts::text[]) > 1)
    ) as counted
order by asked.group_name, counted.bucket;
