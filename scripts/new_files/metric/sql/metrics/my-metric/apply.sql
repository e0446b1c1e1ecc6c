-- Turn deployments into rows, again and again and in any order.
-- :sources, :ids text[] of events
with given as materialized (
    select * from unnest(:sources::text[], :ids::text[]) as event (cd_source, cd_id)
),

deployed as materialized (
    select
        event.cd_source,
        event.cd_id,
        event.cd_subject_id,
        event.cd_timestamp,
        event.content #>> '{subject,content,environment,id}' as environment_id,
        event.content #>> '{customData,dora,commit}' is not null as has_commit
    from given
    inner join cdevents_raw as event using (cd_source, cd_id)
    where event.cd_type ~ '^dev\.cdevents\.service\.(deployed|upgraded|rolledback)\.'
),

gone as (
    delete from my_metric
    using given
    where
        my_metric.deploy_source = given.cd_source
        and my_metric.deploy_id = given.cd_id
        and not exists (
            select from deployed
            where deployed.cd_source = given.cd_source and deployed.cd_id = given.cd_id
        )
)

insert into my_metric (
    deploy_source, deploy_id, service_id, environment_id, deployed_at, has_commit
)
select
    cd_source, cd_id, cd_subject_id, environment_id, cd_timestamp, has_commit
from deployed
on conflict (deploy_source, deploy_id) do update set
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    deployed_at = excluded.deployed_at,
    has_commit = excluded.has_commit
where my_metric is distinct from excluded;
