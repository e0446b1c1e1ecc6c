-- my-metric: one row per group, and one per group and bucket that has deployments.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        width_bucket(deployed_at, :bucket_starts::timestamptz[]) as bucket,
        has_commit
    from my_metric
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and is_asked(
            service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
        )
)

select
    group_name,
    bucket,
    avg(has_commit::integer)::double precision as value,
    count(*) as count
from deployed
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
