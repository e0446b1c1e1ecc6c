-- Change failure rate: one row per group, and one per group and bucket that has deployments.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        asked_group(:group_by::text, service_id, environment_id, :teams::jsonb) as group_name,
        width_bucket(deployed_at, :bucket_starts::timestamptz[]) as bucket,
        is_failed
    from deployment_failures
    where
        deployed_at >= :from::timestamptz
        and deployed_at < :to::timestamptz
        and is_asked(
            service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
        )
        and not is_rollback
)

select
    group_name,
    bucket,
    avg(is_failed::integer)::double precision as value,
    count(*) as count,
    count(*) filter (where is_failed) as failed
from deployed
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
