-- What makes deployments rework: one row per given deployment that counts. It came during an
-- incident where one was open that belongs to an earlier deployment of its service and environment,
-- and had not been for longer than the rework window.
create or replace function reworks_of(sources text[], ids text[])
returns table (
    deploy_source text, deploy_id text, service_id text, environment_id text,
    deployed_at timestamptz, is_rollback boolean, is_during_incident boolean, is_unplanned boolean
)
language sql stable as $$
    select
        deployment.deploy_source,
        deployment.deploy_id,
        deployment.service_id,
        deployment.environment_id,
        deployment.deployed_at,
        deployment.is_rollback,
        exists(
            select from incident_openings as opening
            inner join incident_deployments as belonging using (incident_source, incident_id)
            inner join timeline_deployments as earlier
                on
                    belonging.deploy_source = earlier.deploy_source
                    and belonging.deploy_id = earlier.deploy_id
            where
                opening.service_id = deployment.service_id
                and opening.environment_id = deployment.environment_id
                and opening.begins_at <= deployment.deployed_at
                and opening.begins_at >= deployment.deployed_at - (
                    select setting.rework_window from metric_settings as setting
                )
                and coalesce(opening.ends_at, 'infinity') >= deployment.deployed_at
                and (
                    earlier.deployed_at, earlier.revision, earlier.deploy_source, earlier.deploy_id
                )
                < (
                    deployment.deployed_at, deployment.revision, deployment.deploy_source,
                    deployment.deploy_id
                )
        ),
        deployment.is_unplanned
    from counted_deployments(sources, ids) as deployment
$$;

comment on function reworks_of is
'What makes deployments rework.';
