-- One deployment, with the deployment of its service and environment before it and after it: one
-- row, or none.
-- :source, :id text
select
    deployment.service_id as service,
    deployment.environment_id as environment,
    deployment.started_at,
    deployment.deployed_at,
    deployment.completed_at,
    (
        select
            jsonb_build_object(
                'source', other.deploy_source, 'id', other.deploy_id, 'artifact', other.artifact
            )
        from timeline_deployments as other
        where
            (other.service_id, other.environment_id)
            = (deployment.service_id, deployment.environment_id)
            and (other.deployed_at, other.revision, other.deploy_source, other.deploy_id)
            < (
                deployment.deployed_at, deployment.revision, deployment.deploy_source,
                deployment.deploy_id
            )
        order by
            other.deployed_at desc, other.revision desc, other.deploy_source desc,
            other.deploy_id desc
        limit 1
    ) as previous,
    (
        select
            jsonb_build_object(
                'source', other.deploy_source, 'id', other.deploy_id, 'artifact', other.artifact
            )
        from timeline_deployments as other
        where
            (other.service_id, other.environment_id)
            = (deployment.service_id, deployment.environment_id)
            and (other.deployed_at, other.revision, other.deploy_source, other.deploy_id)
            > (
                deployment.deployed_at, deployment.revision, deployment.deploy_source,
                deployment.deploy_id
            )
        order by other.deployed_at, other.revision, other.deploy_source, other.deploy_id
        limit 1
    ) as following
from timeline_deployments as deployment
where (deployment.deploy_source, deployment.deploy_id) = (:source::text, :id::text);
