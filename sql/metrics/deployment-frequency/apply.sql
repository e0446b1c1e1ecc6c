-- Turn service events into deployments: one row per start, upgrade or roll-back of a service that
-- is no restart. An event may change what the next revision is, so that is looked at again too.
-- :source, :id text of one event, or :after, :until bigint places in the log
with given as materialized (
    select * from stg_given(:source::text, :id::text, :after::bigint, :until::bigint)
    where cd_subject = 'service'
),

touched as (
    select given.cd_source, given.cd_id from given
    union
    select given.cd_source, later.cd_id
    from given
    cross join lateral (
        select event.cd_id from cdevents_raw as event
        where
            event.cd_subject = 'service'
            and event.cd_source = given.cd_source
            and event.deployment_uid = given.deployment_uid
            and event.deployment_revision > given.deployment_revision
        order by event.deployment_revision
        limit 1
    ) as later
),

counted as materialized (
    select deployment.*
    from touched
    inner join stg_deployments as deployment using (cd_source, cd_id)
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
