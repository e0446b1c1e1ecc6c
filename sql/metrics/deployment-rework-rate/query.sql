-- Deployment rework rate: one row per group, and one per group and bucket that has deployments.
-- :from inclusive, :to exclusive; the other parameters: sql/staging/50_asked.sql
with deployed as (
    select
        place.group_name,
        width_bucket(deployed.deployed_at, :bucket_starts::timestamptz[]) as bucket,
        deployed.is_rework
    from
        asked_places(
            :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
        ) as place
    inner join deployment_reworks as deployed using (service_id, environment_id)
    where
        deployed.deployed_at >= :from::timestamptz
        and deployed.deployed_at < :to::timestamptz
)

select
    group_name,
    bucket,
    avg(is_rework::integer)::double precision as value,
    count(*) as count,
    count(*) filter (where is_rework) as rework
from deployed
group by grouping sets ((group_name), (group_name, bucket))
order by group_name, bucket;
