-- What happened, in buckets: one row per group and bucket in which anything did.
-- :from inclusive, :to exclusive, of deployments and of the detection of incidents; the other
-- parameters: sql/staging/50_asked.sql
select
    happened.group_name,
    happened.bucket,
    sum(happened.deployments)::bigint as deployments,
    sum(happened.failed)::bigint as failed,
    sum(happened.rollbacks)::bigint as rollbacks,
    sum(happened.incidents)::bigint as incidents
from (
    select
        asked.group_name,
        counted.*,
        0 as incidents
    from
        asked_groups(
            :services::text[], :environments::text[], :tiers::text[], :group_by::text, :teams::jsonb
        ) as asked
    cross join
        lateral (
            select
                width_bucket(deployed.deployed_at, :bucket_starts::timestamptz[]) as bucket,
                count(*) as deployments,
                count(*) filter (where deployed.is_failed) as failed,
                count(*) filter (where deployed.is_rollback) as rollbacks
            from
                unnest(asked.service_ids, asked.environment_ids)
                    as place (service_id, environment_id)
            inner join deployment_failures as deployed using (service_id, environment_id)
            where
                deployed.deployed_at >= :from::timestamptz
                and deployed.deployed_at < :to::timestamptz
            group by bucket
        ) as counted
    union all
    select
        asked_group(
            :group_by::text, incident.service_id, incident.environment_id, :teams::jsonb
        ),
        width_bucket(incident.detected_at, :bucket_starts::timestamptz[]),
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
) as happened
group by happened.group_name, happened.bucket
order by happened.group_name, happened.bucket;
