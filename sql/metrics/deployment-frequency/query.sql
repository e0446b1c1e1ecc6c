-- Deployment frequency: one row per group, and one per group and bucket that has deployments.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        place.group_name,
        width_bucket(deployed.time_created, :bucket_starts::timestamptz[]) as bucket
    from
        asked_places(
            :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
        ) as place
    inner join deployments as deployed
        on
            place.service_id = deployed.deploy_name
            and place.environment_id = deployed.environment_id
    where
        deployed.time_created >= :from::timestamptz
        and deployed.time_created < :to::timestamptz
)

select
    group_name,
    bucket,
    count(*) as count
from deployed
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
