-- The incidents that are asked about: those that belong to a deployment, with it; the others with
-- their service, whatever the environment.
-- starts inclusive, ends exclusive, of the detection; the rest: 50_asked.sql
create or replace function asked_incidents(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[]
)
returns setof placed_incidents
language sql stable as $$
    select incident.*
    from asked_places(
        asked_incidents.services, asked_incidents.environments, asked_incidents.tiers, null, null
    ) as place
    inner join incident_openings as opening using (service_id, environment_id)
    inner join placed_incidents as incident
        on
            (opening.incident_source, opening.incident_id, opening.begins_at)
            = (incident.incident_source, incident.incident_id, incident.detected_at)
    where
        opening.begins_at >= asked_incidents.starts
        and opening.begins_at < asked_incidents.ends
        and incident.deploy_id is not null
    union all
    select incident.*
    from placed_incidents as incident
    where
        incident.detected_at >= asked_incidents.starts
        and incident.detected_at < asked_incidents.ends
        and incident.deploy_id is null
        and (
            asked_incidents.services is null
            or incident.service_id = any(asked_incidents.services)
        )
$$;

comment on function asked_incidents is
'The incidents that a question is about.';
