-- Turn deployments into rows, again and again and in any order.
-- :sources, :ids text[] of deployments
with counted as materialized (
    select
        known.*,
        event.commit_name is not null as has_commit
    from counted_deployments(:sources::text[], :ids::text[]) as known
    inner join service_events as event
        on known.deploy_source = event.cd_source and known.deploy_id = event.cd_id
),

gone as (
    delete from my_metric
    using unnest(:sources::text[], :ids::text[]) as given (deploy_source, deploy_id)
    where
        my_metric.deploy_source = given.deploy_source
        and my_metric.deploy_id = given.deploy_id
        and not exists (
            select from counted
            where
                counted.deploy_source = given.deploy_source
                and counted.deploy_id = given.deploy_id
        )
)

insert into my_metric (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, has_commit
)
select deploy_source, deploy_id, service_id, environment_id, deployed_at, has_commit
from counted
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    has_commit = excluded.has_commit
where my_metric is distinct from excluded;
