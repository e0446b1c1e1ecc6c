-- Deployment frequency: one row per group, and where there are several buckets one
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
            sum(each.count)::bigint as count
        from (
            select
                asked_bucket(deployed.time_created, :bucket_starts::timestamptz[]) as bucket,
                count(*) as count
            from
                unnest(asked.service_ids, asked.environment_ids)
                    as place (service_id, environment_id)
            inner join deployments as deployed
                on
                    place.service_id = deployed.deploy_name
                    and place.environment_id = deployed.environment_id
            where
                deployed.time_created >= :from::timestamptz
                and deployed.time_created < :to::timestamptz
            group by bucket
        ) as each
        group by grouping sets ((), (each.bucket))
        having
            count(*) > 0 and (grouping(each.bucket) = 1 or cardinality(:bucket_starts::text[]) > 1)
    ) as counted
order by asked.group_name, counted.bucket;
