-- Deployment frequency: one row per group, and one per group and bucket that has deployments.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        asked_group(:group_by::text, deploy_name, environment_id, :teams::jsonb) as group_name,
        width_bucket(time_created, :bucket_starts::timestamptz[]) as bucket
    from deployments
    where
        time_created >= :from::timestamptz
        and time_created < :to::timestamptz
        and is_asked(
            deploy_name, environment_id, :services::text[], :environments::text[],
            :exceptions::jsonb
        )
),

counts as (
    select
        group_name,
        bucket,
        count(*) as count
    from deployed
    group by grouping sets ((group_name), (group_name, bucket))
)

select
    group_name,
    bucket,
    count / (
        seconds_between(
            greatest(:from::timestamptz, (:bucket_starts::timestamptz[])[bucket]),
            least(:to::timestamptz, (:bucket_starts::timestamptz[])[bucket + 1])
        ) / 86400
    ) as value,
    count
from counts
order by group_name, bucket;
