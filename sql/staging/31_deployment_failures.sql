-- Why a deployment failed, and when it was recovered: one row per deployment that counts. What an
-- incident says of a rollback counts for the deployments that this took back.
create or replace view stg_deployment_failures as
select
    deployment.*,
    told.incidents,
    returned.deploy_id as rolled_back_by,
    not deployment.is_rollback
    and coalesce(
        deployment.corrected_failed, told.failures_count > 0 or returned.deploy_id is not null
    ) as is_failed,
    least(
        case when told.failures_count > 0 and told.open_count = 0 then told.resolved_at end,
        returned.last_at
    ) as recovered_at
from counted_deployments as deployment
cross join lateral (
    select
        count(*) filter (where belonging.is_failure) as failures_count,
        count(*) filter (where belonging.is_failure and belonging.resolved_at is null)
            as open_count,
        max(belonging.resolved_at) filter (where belonging.is_failure) as resolved_at,
        jsonb_agg(
            jsonb_build_object(
                'source', belonging.incident_source, 'id', belonging.incident_id,
                'why', belonging.why
            )
            order by belonging.detected_at, belonging.incident_source, belonging.incident_id
        ) as incidents
    from (
        select deployment.deploy_source, deployment.deploy_id
        union
        select rollout.deploy_source, rollout.deploy_id from timeline as rollout
        where
            rollout.takes_back_source = deployment.deploy_source
            and rollout.takes_back_id = deployment.deploy_id
    ) as blamed
    cross join lateral (
        select
            incident.*, belonged.why, coalesce(correction.failed, true) as is_failure
        from incident_deployments as belonged
        inner join incidents as incident using (incident_source, incident_id)
        left join corrections as correction
            on
                correction.kind = 'incident'
                and incident.incident_source = correction.source
                and incident.incident_id = correction.id
        where
            belonged.deploy_source = blamed.deploy_source
            and belonged.deploy_id = blamed.deploy_id
    ) as belonging
) as told
cross join lateral (
    select
        (array_agg(rollback.deploy_id order by rollback.deployed_at, rollback.revision,
            rollback.deploy_source, rollback.deploy_id))[1] as deploy_id,
        max(rollback.deployed_at) as last_at
    from (
        select distinct rollout.deploy_source, rollout.deploy_id from timeline as rollout
        where
            rollout.takes_back_source = deployment.deploy_source
            and rollout.takes_back_id = deployment.deploy_id
    ) as taking
    inner join timeline_deployments as rollback using (deploy_source, deploy_id)
) as returned;

comment on view stg_deployment_failures is
'Why each deployment failed, and when it was recovered: one row each.';

alter view stg_deployment_failures owner to dora_owner;
grant select on stg_deployment_failures to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_deployment_failure(source text, id text)
returns setof stg_deployment_failures
language sql stable as $$
    select known.* from stg_deployment_failures as known
    where
        known.deploy_source = stg_deployment_failure.source
        and known.deploy_id = stg_deployment_failure.id
    limit 1
$$;
