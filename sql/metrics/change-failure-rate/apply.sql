-- Bring rows of deployment_failures up to date: one per deployment that counts, with whether and
-- why it failed.
-- :sources, :ids text[] of deployments
with given as materialized (
    select * from unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
),

computed as materialized (
    select failure.*
    from given
    cross join lateral stg_deployment_failure(given.deploy_source, given.deploy_id) as failure
),

no_longer_counted as (
    delete from deployment_failures as known using given
    where
        known.deploy_source = given.deploy_source
        and known.deploy_id = given.deploy_id
        and not exists (
            select from computed
            where
                computed.deploy_source = given.deploy_source
                and computed.deploy_id = given.deploy_id
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
