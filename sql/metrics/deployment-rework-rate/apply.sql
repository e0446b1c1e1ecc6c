-- Bring rows of deployment_reworks up to date: one per deployment that counts, with what makes it
-- rework.
-- :sources, :ids text[] of deployments
with stale as materialized (
    select distinct given.deploy_source, given.deploy_id
    from unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
),

computed as materialized (
    select rework.* from stg_deployment_reworks(:sources::text[], :ids::text[]) as rework
),

gone as (
    delete from deployment_reworks as known using stale
    where
        known.deploy_source = stale.deploy_source
        and known.deploy_id = stale.deploy_id
        and not exists (
            select from computed
            where
                computed.deploy_source = stale.deploy_source
                and computed.deploy_id = stale.deploy_id
        )
)

insert into deployment_reworks as known (
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
where known is distinct from excluded;
