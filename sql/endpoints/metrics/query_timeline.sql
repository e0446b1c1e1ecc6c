-- What happened, in buckets: one row per group and bucket in which anything did.
-- :from inclusive, :to exclusive, of deployments and of the detection of incidents; the other
-- parameters: sql/staging/50_asked.sql
with happened as (
    select
        place.group_name,
        deployed.deployed_at as happened_at,
        1 as deployments,
        deployed.is_failed::integer as failed,
        deployed.is_rollback::integer as rollbacks,
        0 as incidents
    from
        asked_places(
            :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
        ) as place
    inner join deployment_failures as deployed using (service_id, environment_id)
    where
        deployed.deployed_at >= :from::timestamptz
        and deployed.deployed_at < :to::timestamptz
    union all
    select
        asked_group(
            :group_by::text, incident.service_id, incident.environment_id, :teams::jsonb
        ),
        incident.detected_at,
        0,
        0,
        0,
        1
    from
        counted_incidents(
            :from::timestamptz,
            :to::timestamptz,
            :services::text[],
            :environments::text[],
            :tiers::text[]
        ) as incident
)

select
    group_name,
    width_bucket(happened_at, :bucket_starts::timestamptz[]) as bucket,
    sum(deployments) as deployments,
    sum(failed) as failed,
    sum(rollbacks) as rollbacks,
    sum(incidents) as incidents
from happened
group by group_name, bucket
order by group_name, bucket;
