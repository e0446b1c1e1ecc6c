-- The deployments that took a deployment back: one row per rollback.
create or replace function rollbacks_of(source text, id text)
returns setof timeline_deployments
language sql stable as $$
    select rollback.*
    from (
        select distinct rollout.deploy_source, rollout.deploy_id from timeline as rollout
        where
            rollout.takes_back_source = rollbacks_of.source
            and rollout.takes_back_id = rollbacks_of.id
    ) as taking
    inner join timeline_deployments as rollback using (deploy_source, deploy_id)
$$;

-- The incidents that count for a deployment: those that belong to it, and those that belong to a
-- rollback that took it back. One row per incident.
create or replace function incidents_of(source text, id text)
returns table (
    incident_source text, incident_id text, why text, detected_at timestamptz,
    resolved_at timestamptz, is_failure boolean
)
language sql stable as $$
    select
        incident.incident_source, incident.incident_id, belonging.why, incident.detected_at,
        incident.resolved_at, coalesce(correction.failed, true)
    from (
        select incidents_of.source as deploy_source, incidents_of.id as deploy_id
        union
        select rollback.deploy_source, rollback.deploy_id
        from rollbacks_of(incidents_of.source, incidents_of.id) as rollback
    ) as blamed
    inner join incident_deployments as belonging using (deploy_source, deploy_id)
    inner join incidents as incident using (incident_source, incident_id)
    left join corrections as correction
        on
            correction.kind = 'incident'
            and incident.incident_source = correction.source
            and incident.incident_id = correction.id
$$;

-- Whether and why deployments failed, and when they were recovered (null while one is not): one row
-- per given deployment that counts.
create or replace function failures_of(sources text[], ids text[])
returns table (
    deploy_source text, deploy_id text, service_id text, environment_id text,
    deployed_at timestamptz, is_rollback boolean, is_failed boolean, incidents jsonb,
    rolled_back_by text, recovered_at timestamptz
)
language sql stable as $$
    select
        deployment.deploy_source,
        deployment.deploy_id,
        deployment.service_id,
        deployment.environment_id,
        deployment.deployed_at,
        deployment.is_rollback,
        not deployment.is_rollback and coalesce(
            deployment.corrected_failed, counted.failures_count > 0 or returned.last_at is not null
        ),
        counted.incidents,
        returned.deploy_ids[1],
        least(
            case
                when counted.failures_count > 0 and counted.open_count = 0
                    then counted.resolved_at
            end,
            returned.last_at
        )
    from counted_deployments(sources, ids) as deployment
    cross join lateral (
        select
            count(*) filter (where incident.is_failure) as failures_count,
            count(*) filter (where incident.is_failure and incident.resolved_at is null)
                as open_count,
            max(incident.resolved_at) filter (where incident.is_failure) as resolved_at,
            jsonb_agg(
                jsonb_build_object(
                    'source', incident.incident_source, 'id', incident.incident_id,
                    'why', incident.why
                )
                order by incident.detected_at, incident.incident_source, incident.incident_id
            ) as incidents
        from incidents_of(deployment.deploy_source, deployment.deploy_id) as incident
    ) as counted
    cross join lateral (
        select
            array_agg(
                rollback.deploy_id
                order by
                    rollback.deployed_at, rollback.revision, rollback.deploy_source,
                    rollback.deploy_id
            ) as deploy_ids,
            max(rollback.deployed_at) as last_at
        from rollbacks_of(deployment.deploy_source, deployment.deploy_id) as rollback
    ) as returned
$$;

comment on function failures_of is
'Whether and why deployments failed, and when they were recovered.';
