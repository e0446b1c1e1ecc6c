-- Make the rows of deployments anew: one row per deployment that counts.
-- :sources, :ids text[] of deployments
with given as materialized (
    select * from unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
),

no_longer_counted as (
    delete from deployments
    using given
    where
        deployments.deploy_source = given.deploy_source
        and deployments.deploy_id = given.deploy_id
        and not exists (
            select from counted_deployments as known
            where
                known.deploy_source = given.deploy_source
                and known.deploy_id = given.deploy_id
        )
)

insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, artifact_id, predicate
)
select
    known.deploy_source, known.deploy_id, known.service_id, known.deployed_at,
    known.environment_id, known.artifact, known.predicate
from given
inner join counted_deployments as known using (deploy_source, deploy_id)
on conflict (deploy_source, deploy_id) do update set
    deploy_name = excluded.deploy_name,
    time_created = excluded.time_created,
    environment_id = excluded.environment_id,
    artifact_id = excluded.artifact_id,
    predicate = excluded.predicate
where deployments is distinct from excluded;
