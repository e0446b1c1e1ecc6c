-- What makes a deployment rework: one row per deployment that counts. It came during an incident
-- where one was open that belongs to an earlier deployment of its service and environment, and had
-- not been for longer than the rework window.
create or replace view stg_deployment_reworks as
select
    deployment.*,
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
    ) as is_during_incident
from counted_deployments as deployment;

comment on view stg_deployment_reworks is 'What makes a deployment rework: one row each.';

alter view stg_deployment_reworks owner to dora_owner;
grant select on stg_deployment_reworks to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_deployment_rework(source text, id text)
returns setof stg_deployment_reworks
language sql stable as $$
    select known.* from stg_deployment_reworks as known
    where
        known.deploy_source = stg_deployment_rework.source
        and known.deploy_id = stg_deployment_rework.id
    limit 1
$$;
