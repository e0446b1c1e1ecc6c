-- Bring rows of recoveries up to date: one per failed deployment that counts.
-- :sources, :ids text[] of deployments
with computed as materialized (
    select known.* from failures_of(:sources::text[], :ids::text[]) as known
    where known.is_failed
),

gone as (
    delete from recoveries
    where
        (deploy_source, deploy_id) in (
            select * from unnest(:sources::text[], :ids::text[])
            except
            select deploy_source, deploy_id from computed
        )
)

insert into recoveries (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, recovered_at
)
select
    deploy_source, deploy_id, service_id, environment_id, deployed_at, recovered_at
from computed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    recovered_at = excluded.recovered_at
where recoveries is distinct from excluded;
