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

-- The incidents that belong to no deployment.
create or replace function unattributed_incidents(
    starts timestamptz, ends timestamptz, services text[]
)
returns setof incidents
language sql stable as $$
    select incident.*
    from incident_deployments as belonging
    inner join incidents as incident using (incident_source, incident_id)
    where
        belonging.deploy_id is null
        and incident.detected_at >= unattributed_incidents.starts
        and incident.detected_at < unattributed_incidents.ends
        and (
            unattributed_incidents.services is null
            or incident.service_id = any(unattributed_incidents.services)
        )
$$;

comment on function unattributed_incidents is
'The incidents that belong to no deployment.';

-- The same incidents as asked_incidents, of those that count only what is counted of them: where
-- they are asked about, and their times. The environment is null of one that belongs to none.
create or replace function counted_incidents(
    starts timestamptz, ends timestamptz, services text[], environments text[], tiers text[]
)
returns table (
    service_id text, environment_id text, detected_at timestamptz, resolved_at timestamptz
)
language sql stable as $$
    select place.service_id, place.environment_id, incident.detected_at, incident.resolved_at
    from asked_places(
        counted_incidents.services, counted_incidents.environments, counted_incidents.tiers, null,
        null
    ) as place
    inner join incident_openings as opening using (service_id, environment_id)
    inner join incidents as incident
        on
            (opening.incident_source, opening.incident_id, opening.begins_at)
            = (incident.incident_source, incident.incident_id, incident.detected_at)
    where
        opening.begins_at >= counted_incidents.starts
        and opening.begins_at < counted_incidents.ends
        and incident.counts
    union all
    select incident.service_id, null, incident.detected_at, incident.resolved_at
    from unattributed_incidents(
        counted_incidents.starts, counted_incidents.ends, counted_incidents.services
    ) as incident
    where incident.counts
$$;

comment on function counted_incidents is
'Where and when the incidents that a question is about, and that count, were open.';
