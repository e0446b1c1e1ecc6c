-- Which deployment an incident belongs to, and why: one row per incident.
create or replace view stg_incident_deployments as
select
    incident.*,
    coalesce(by_id.cd_source, by_artifact.cd_source, latest.cd_source) as deploy_source,
    coalesce(by_id.cd_id, by_artifact.cd_id, latest.cd_id) as deploy_id,
    case
        when by_id.cd_id is not null then 'it names the deployment'
        when incident.artifact_id is not null and by_artifact.cd_id is not null
            then 'it names the artifact'
        when incident.artifact_id is not null
            then 'it names an artifact that was not deployed there before'
        when naming.is_named then 'it names an unknown deployment'
        when incident.service_id is null then 'it names no service'
        when latest.cd_id is null then 'no deployment was in the time before it'
        else 'the deployment is the latest before it'
    end as why
from incidents as incident
cross join
    lateral (
        select exists(
            select from cdevents_raw as event
            inner join named_deployments as named using (cd_source, cd_id)
            where
                event.cd_subject = 'incident'
                and event.cd_source = incident.incident_source
                and event.cd_subject_id = incident.incident_id
                and named.place = 0
        ) as is_named
    ) as naming
left join lateral (
    select deployment.cd_source, deployment.cd_id
    from cdevents_raw as event
    inner join named_deployments as named using (cd_source, cd_id)
    inner join stg_deployments as deployment on named.deployment_id = deployment.cd_id
    where
        event.cd_subject = 'incident'
        and event.cd_source = incident.incident_source
        and event.cd_subject_id = incident.incident_id
    order by
        named.place > 0, event.cd_timestamp, event.cd_id, named.place, deployment.cd_timestamp,
        deployment.revision, deployment.cd_source, deployment.cd_id
    limit 1
) as by_id on true
left join
    lateral stg_latest_deployment_of_artifact(
        incident.artifact_id, incident.service_id, incident.environment_id, incident.detected_at
    ) as by_artifact
    on by_id.cd_id is null
left join
    lateral stg_latest_deployment(
        incident.service_id, incident.environment_id, incident.detected_at
    ) as latest
    on
        by_id.cd_id is null
        and not naming.is_named
        and incident.artifact_id is null
        and latest.cd_timestamp
        >= incident.detected_at - (select setting.incident_window from metric_settings as setting);

alter view stg_incident_deployments owner to dora_owner;
grant select on stg_incident_deployments to dora_writer, dora_reader;

-- The same for one incident.
create or replace function stg_incident_deployment(source text, id text)
returns setof stg_incident_deployments
language sql stable as $$
    select known.* from stg_incident_deployments as known
    where
        known.incident_source = stg_incident_deployment.source
        and known.incident_id = stg_incident_deployment.id
    limit 1
$$;
