-- Make the rows of deployments anew: one row per deployment that counts.
-- :sources, :ids text[] of deployments
with counted as materialized (
    select
        deployment.deploy_source,
        deployment.deploy_id,
        deployment.service_id,
        deployment.environment_id,
        deployment.deployed_at,
        rollout.commits <> '{}' as has_commit
    from counted_deployments(:sources::text[], :ids::text[]) as deployment
    inner join timeline as rollout
        on
            deployment.deploy_source = rollout.cd_source
            and deployment.deploy_id = rollout.cd_id
),

no_longer_counted as (
    delete from my_metric
    using unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
    where
        my_metric.deploy_source = given.deploy_source
        and my_metric.deploy_id = given.deploy_id
        and not exists (
            select from counted
            where
                counted.deploy_source = given.deploy_source
                and counted.deploy_id = given.deploy_id
        )
)

insert into my_metric (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, has_commit
)
select
    deploy_source, deploy_id, service_id, environment_id, deployed_at, has_commit
from counted
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    has_commit = excluded.has_commit
where my_metric is distinct from excluded;
