-- Bring rows of deployments up to date: one per deployment that counts.
-- :sources, :ids text[] of deployments
with computed as materialized (
    select known.* from counted_deployments(:sources::text[], :ids::text[]) as known
),

gone as (
    delete from deployments
    where
        (deploy_source, deploy_id) in (
            select * from unnest(:sources::text[], :ids::text[])
            except
            select deploy_source, deploy_id from computed
        )
)

insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, artifact_id, predicate
)
select
    deploy_source, deploy_id, service_id, deployed_at, environment_id, artifact, predicate
from computed
on conflict (deploy_source, deploy_id) do update set
    deploy_name = excluded.deploy_name,
    time_created = excluded.time_created,
    environment_id = excluded.environment_id,
    artifact_id = excluded.artifact_id,
    predicate = excluded.predicate
where deployments is distinct from excluded;
