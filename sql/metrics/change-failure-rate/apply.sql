-- Bring rows of deployment_failures up to date: one per deployment that counts, with whether and
-- why it failed.
-- :sources, :ids text[] of deployments
with stale as materialized (
    select distinct given.deploy_source, given.deploy_id
    from unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
),

computed as materialized (
    select failure.* from stg_deployment_failures(:sources::text[], :ids::text[]) as failure
),

gone as (
    delete from deployment_failures as known using stale
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

insert into deployment_failures as known (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback, is_failed,
    incidents, rolled_back_by
)
select
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback, is_failed,
    incidents, rolled_back_by
from computed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    is_rollback = excluded.is_rollback,
    is_failed = excluded.is_failed,
    incidents = excluded.incidents,
    rolled_back_by = excluded.rolled_back_by
where known is distinct from excluded;
