-- The deployment of a service and environment before a place in their order, or no row.
create or replace function stg_deployment_before(
    service_id text, environment_id text, cd_timestamp timestamptz, revision bigint,
    cd_source text, cd_id text
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.service_id = stg_deployment_before.service_id
        and deployment.environment_id = stg_deployment_before.environment_id
        and (
            deployment.cd_timestamp, deployment.revision, deployment.cd_source, deployment.cd_id
        )
        < (
            stg_deployment_before.cd_timestamp, stg_deployment_before.revision,
            stg_deployment_before.cd_source, stg_deployment_before.cd_id
        )
    order by
        deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
        deployment.cd_id desc
    limit 1
$$;

-- The deployment of a service and environment after a place in their order, or no row.
create or replace function stg_deployment_after(
    service_id text, environment_id text, cd_timestamp timestamptz, revision bigint,
    cd_source text, cd_id text
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.service_id = stg_deployment_after.service_id
        and deployment.environment_id = stg_deployment_after.environment_id
        and (
            deployment.cd_timestamp, deployment.revision, deployment.cd_source, deployment.cd_id
        )
        > (
            stg_deployment_after.cd_timestamp, stg_deployment_after.revision,
            stg_deployment_after.cd_source, stg_deployment_after.cd_id
        )
    order by deployment.cd_timestamp, deployment.revision, deployment.cd_source, deployment.cd_id
    limit 1
$$;

-- The latest deployment of a service and environment before a moment, or no row.
create or replace function stg_latest_deployment(
    service_id text, environment_id text, moment timestamptz
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.service_id = stg_latest_deployment.service_id
        and deployment.environment_id = stg_latest_deployment.environment_id
        and deployment.cd_timestamp < stg_latest_deployment.moment
    order by
        deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
        deployment.cd_id desc
    limit 1
$$;

-- The latest deployment of an artifact to an environment before a moment, of any service where none
-- is said.
create or replace function stg_latest_deployment_of_artifact(
    artifact_id text, service_id text, environment_id text, moment timestamptz
)
returns setof stg_deployments
language sql stable as $$
    select deployment.* from stg_deployments as deployment
    where
        deployment.artifact_id = stg_latest_deployment_of_artifact.artifact_id
        and (
            stg_latest_deployment_of_artifact.service_id is null
            or deployment.service_id = stg_latest_deployment_of_artifact.service_id
        )
        and deployment.environment_id = stg_latest_deployment_of_artifact.environment_id
        and deployment.cd_timestamp < stg_latest_deployment_of_artifact.moment
    order by
        deployment.cd_timestamp desc, deployment.revision desc, deployment.cd_source desc,
        deployment.cd_id desc
    limit 1
$$;

-- The next revision of the Deployment that an event is a revision of: whether that is a restart
-- depends on this.
create or replace function stg_next_revision(source text, uid text, revision bigint)
returns setof cdevents_raw
language sql stable as $$
    select event.* from cdevents_raw as event
    where
        event.cd_subject = 'service'
        and event.cd_source = stg_next_revision.source
        and event.deployment_uid = stg_next_revision.uid
        and event.deployment_revision > stg_next_revision.revision
    order by event.deployment_revision
    limit 1
$$;
