-- One row per deployment, and whether it is a rollback: told as one, or a return to an artifact (or
-- to a pod template of the same Deployment) that was deployed earlier and is not that before it.
create or replace view stg_rollbacks as
select
    deployment.*,
    deployment.cd_predicate = 'rolledback'
    or (
        deployment.artifact_id <> previous.artifact_id
        and exists (
            select from stg_deployments as earlier
            where
                earlier.service_id = deployment.service_id
                and earlier.environment_id = deployment.environment_id
                and earlier.artifact_id = deployment.artifact_id
                and (earlier.cd_timestamp, earlier.revision, earlier.cd_source, earlier.cd_id)
                < (
                    deployment.cd_timestamp, deployment.revision,
                    deployment.cd_source, deployment.cd_id
                )
        )
    )
    or coalesce(
        deployment.template_fingerprint <> previous.template_fingerprint
        and exists (
            select from stg_deployments as earlier
            where
                earlier.cd_source = deployment.cd_source
                and earlier.deployment_uid = deployment.deployment_uid
                and earlier.template_fingerprint = deployment.template_fingerprint
                and earlier.service_id = deployment.service_id
                and earlier.environment_id = deployment.environment_id
                and (earlier.cd_timestamp, earlier.revision, earlier.cd_source, earlier.cd_id)
                < (
                    deployment.cd_timestamp, deployment.revision,
                    deployment.cd_source, deployment.cd_id
                )
        ), false
    ) as is_rollback
from stg_deployments as deployment
left join
    lateral stg_deployment_before(
        deployment.service_id, deployment.environment_id, deployment.cd_timestamp,
        deployment.revision, deployment.cd_source, deployment.cd_id
    ) as previous
    on true;

alter view stg_rollbacks owner to dora_owner;
grant select on stg_rollbacks to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_rollback(source text, id text)
returns setof stg_rollbacks
language sql stable as $$
    select known.* from stg_rollbacks as known
    where known.cd_source = stg_rollback.source and known.cd_id = stg_rollback.id
    limit 1
$$;
