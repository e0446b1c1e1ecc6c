-- Deployment frequency: one row per group, and one per group and bucket that has deployments.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        asked_group(:group_by::text, deploy_name, environment_id, :teams::jsonb) as group_name,
        asked_bucket(:bucket::text, time_created) as bucket_at
    from deployments
    where
        time_created >= :from::timestamptz
        and time_created < :to::timestamptz
        and is_asked(
            deploy_name, environment_id, :services::text[], :environments::text[],
            :exceptions::jsonb
        )
)

select
    group_name,
    grouping(bucket_at) = 1 as is_total,
    bucket_at,
    count(*) as count
from deployed
group by grouping sets ((group_name), (group_name, bucket_at))
order by group_name, bucket_at;
