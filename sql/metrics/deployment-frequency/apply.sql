-- Turn service events into deployments: one row per start, upgrade or roll-back of a service that
-- is no restart. An event may change what the next revision is, so that is looked at again too.
-- :sources, :ids text[] of events
with given as materialized (
    select * from stg_given(:sources::text[], :ids::text[])
    where cd_subject = 'service'
),

touched as (
    select given.cd_source, given.cd_id from given
    union
    select later.cd_source, later.cd_id
    from given
    cross join
        lateral stg_next_revision(
            given.cd_source, given.deployment_uid, given.deployment_revision
        ) as later
),

counted as materialized (
    select deployment.*
    from touched
    cross join lateral stg_deployment(touched.cd_source, touched.cd_id) as deployment
),

no_longer_counted as (
    delete from deployments
    using touched
    where
        deployments.deploy_source = touched.cd_source
        and deployments.deploy_id = touched.cd_id
        and not exists (
            select from counted
            where counted.cd_source = touched.cd_source and counted.cd_id = touched.cd_id
        )
)

insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, artifact_id, predicate
)
select
    cd_source, cd_id, service_id, cd_timestamp, environment_id, artifact_id, cd_predicate
from counted
on conflict (deploy_source, deploy_id) do update set
    deploy_name = excluded.deploy_name,
    time_created = excluded.time_created,
    environment_id = excluded.environment_id,
    artifact_id = excluded.artifact_id,
    predicate = excluded.predicate
where deployments is distinct from excluded;
