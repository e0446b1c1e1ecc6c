-- One row per deployment: whether it is a rollback, which incidents belong to it, which rollback
-- came next, whether it failed, and when it was recovered (null while it is not).
create or replace view stg_failures as
select
    deployment.*,
    own.incidents_count,
    own.incidents,
    rolled_back.cd_source as rolled_back_by_source,
    rolled_back.cd_id as rolled_back_by_id,
    own.incidents_count > 0 or rolled_back.cd_id is not null as is_failed,
    case
        when own.open_count > 0 then null
        when own.incidents_count > 0 then own.resolved_at
        else rolled_back.cd_timestamp
    end as recovered_at
from stg_rollbacks as deployment
left join
    lateral stg_deployment_after(
        deployment.service_id, deployment.environment_id, deployment.cd_timestamp,
        deployment.revision, deployment.cd_source, deployment.cd_id
    ) as following
    on true
left join
    lateral stg_rollback(following.cd_source, following.cd_id) as rolled_back
    on rolled_back.is_rollback
cross join lateral (
    select
        count(*) as incidents_count,
        count(*) filter (where belonging.resolved_at is null) as open_count,
        max(belonging.resolved_at) as resolved_at,
        json_agg(
            json_build_object(
                'source', belonging.incident_source, 'id', belonging.incident_id,
                'why', belonging.why
            )
            order by belonging.detected_at, belonging.incident_source, belonging.incident_id
        ) as incidents
    from (
        select event.cd_source as incident_source, event.cd_subject_id as incident_id
        from named_deployments as named
        inner join cdevents_raw as event using (cd_source, cd_id)
        where named.deployment_id = deployment.cd_id
        union
        select incident.incident_source, incident.incident_id
        from incidents as incident
        where
            incident.environment_id = deployment.environment_id
            and incident.artifact_id = deployment.artifact_id
            and incident.detected_at > deployment.cd_timestamp
        union
        select incident.incident_source, incident.incident_id
        from incidents as incident
        where
            incident.service_id = deployment.service_id
            and incident.environment_id = deployment.environment_id
            and incident.detected_at > deployment.cd_timestamp
            and incident.detected_at <= deployment.cd_timestamp + (
                select setting.incident_window from metric_settings as setting
            )
    ) as candidate
    cross join
        lateral stg_incident_deployment(
            candidate.incident_source, candidate.incident_id
        ) as belonging
    where (belonging.deploy_source, belonging.deploy_id) = (deployment.cd_source, deployment.cd_id)
) as own;

alter view stg_failures owner to dora_owner;
grant select on stg_failures to dora_writer, dora_reader;

-- The same for one deployment.
create or replace function stg_failure(source text, id text)
returns setof stg_failures
language sql stable as $$
    select known.* from stg_failures as known
    where known.cd_source = stg_failure.source and known.cd_id = stg_failure.id
    limit 1
$$;
