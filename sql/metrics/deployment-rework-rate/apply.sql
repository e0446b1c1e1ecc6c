-- Bring rows of deployment_reworks up to date: one per deployment that counts, with what makes it
-- rework.
-- :sources, :ids text[] of deployments
with computed as materialized (
    select known.* from reworks_of(:sources::text[], :ids::text[]) as known
),

gone as (
    delete from deployment_reworks
    where
        (deploy_source, deploy_id) in (
            select * from unnest(:sources::text[], :ids::text[])
            except
            select deploy_source, deploy_id from computed
        )
)

insert into deployment_reworks (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback,
    is_during_incident, is_unplanned
)
select
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback,
    is_during_incident, is_unplanned
from computed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    is_rollback = excluded.is_rollback,
    is_during_incident = excluded.is_during_incident,
    is_unplanned = excluded.is_unplanned
where deployment_reworks is distinct from excluded;
