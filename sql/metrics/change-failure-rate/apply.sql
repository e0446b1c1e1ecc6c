-- Bring rows of deployment_failures up to date: one per deployment that counts, with whether and
-- why it failed.
-- :sources, :ids text[] of deployments
with computed as materialized (
    select known.* from failures_of(:sources::text[], :ids::text[]) as known
),

gone as (
    delete from deployment_failures
    where
        (deploy_source, deploy_id) in (
            select * from unnest(:sources::text[], :ids::text[])
            except
            select deploy_source, deploy_id from computed
        )
)

insert into deployment_failures (
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
where deployment_failures is distinct from excluded;
