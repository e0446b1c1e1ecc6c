-- Turn service and incident events into deployments that failed or did not.
-- :sources, :ids text[] of events
with affected as materialized (
    select * from stg_affected_deployments(:sources::text[], :ids::text[])
),

computed as materialized (
    select failure.*
    from affected
    cross join lateral stg_failure(affected.cd_source, affected.cd_id) as failure
),

-- By their places in the table, which nobody else changes now: a join of the keys could be planned
-- as a look through the whole table.
gone as (
    delete from deployment_failures
    where ctid = any(array(
        select (
            select known.ctid from deployment_failures as known
            where
                known.deploy_source = affected.cd_source
                and known.deploy_id = affected.cd_id
        )
        from affected
        where
            not exists (
                select from computed
                where
                    computed.cd_source = affected.cd_source
                    and computed.cd_id = affected.cd_id
            )
    ))
)

insert into deployment_failures (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, is_rollback, is_failed,
    incidents, rolled_back_by
)
select
    cd_source, cd_id, service_id, environment_id, cd_timestamp, is_rollback, is_failed,
    incidents::jsonb, rolled_back_by_id
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
