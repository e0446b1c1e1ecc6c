-- Turn service and incident events into failed deployments and their recovery.
-- :sources, :ids text[] of events
with affected as materialized (
    select * from stg_affected_deployments(:sources::text[], :ids::text[])
),

computed as materialized (
    select failure.*
    from affected
    cross join lateral stg_failure(affected.cd_source, affected.cd_id) as failure
    where failure.is_failed
),

-- By their places in the table, which nobody else changes now: a join of the keys could be planned
-- as a look through the whole table.
gone as (
    delete from recoveries
    where ctid = any(array(
        select (
            select known.ctid from recoveries as known
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

insert into recoveries (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, recovered_at
)
select cd_source, cd_id, service_id, environment_id, cd_timestamp, recovered_at
from computed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    recovered_at = excluded.recovered_at
where recoveries is distinct from excluded;
