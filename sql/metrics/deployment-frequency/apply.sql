-- Make the rows of deployments anew: one row per deployment that counts.
-- :sources, :ids text[] of deployments
with counted as materialized (
    select known.* from counted_deployments(:sources::text[], :ids::text[]) as known
),

no_longer_counted as (
    delete from deployments
    using unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
    where
        deployments.deploy_source = given.deploy_source
        and deployments.deploy_id = given.deploy_id
        and not exists (
            select from counted
            where
                counted.deploy_source = given.deploy_source
                and counted.deploy_id = given.deploy_id
        )
)

insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, artifact_id, predicate
)
select
    counted.deploy_source, counted.deploy_id, counted.service_id, counted.deployed_at,
    counted.environment_id, counted.artifact, counted.predicate
from counted
on conflict (deploy_source, deploy_id) do update set
    deploy_name = excluded.deploy_name,
    time_created = excluded.time_created,
    environment_id = excluded.environment_id,
    artifact_id = excluded.artifact_id,
    predicate = excluded.predicate
where deployments is distinct from excluded;
