-- Bring rows of recoveries up to date: one per failed deployment that counts.
-- :sources, :ids text[] of deployments
with stale as materialized (
    select distinct given.deploy_source, given.deploy_id
    from unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
),

computed as materialized (
    select failure.* from stg_deployment_failures(:sources::text[], :ids::text[]) as failure
    where failure.is_failed
),

gone as (
    delete from recoveries as known using stale
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

insert into recoveries as known (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, recovered_at
)
select deploy_source, deploy_id, service_id, environment_id, deployed_at, recovered_at
from computed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    recovered_at = excluded.recovered_at
where known is distinct from excluded;
