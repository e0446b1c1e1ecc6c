-- Bring an incident up to date, after events of it between two moments came or went, or a person
-- corrected it. names_more: whether one of the events names a deployment that none before it named.
create or replace function renew_incident(
    source text, id text, since timestamptz, until timestamptz, names_more boolean
) returns void
language plpgsql as $$
declare
    former incidents;
    present incidents;
begin
    select * into former from incidents as incident
    where incident.incident_source = source and incident.incident_id = id;
    select * into present from current_incident(source, id);
    if not found then
        delete from incidents as incident
        where incident.incident_source = source and incident.incident_id = id;
        perform attribute_incident(source, id);
        delete from incident_openings as opening
        where opening.incident_source = source and opening.incident_id = id;
        delete from corrections as known
        where (known.kind, known.source, known.id)
            = ('incident', renew_incident.source, renew_incident.id);
        return;
    end if;

    perform renew_openings(
        source, id, present.detected_at,
        case when present.detected_at = former.detected_at then since else '-infinity' end, until
    );
    select opening.ends_at into present.resolved_at
    from incident_openings as opening
    where opening.incident_source = source and opening.incident_id = id
    order by opening.begins_at desc
    limit 1;
    if present is distinct from former then
        delete from incidents as incident
        where incident.incident_source = source and incident.incident_id = id;
        insert into incidents select present.*;
    end if;
    if former.incident_id is null then
        -- It may have been corrected while it was none.
        perform renew_correction('incident', source, id);
    end if;

    if names_more or (
        former.detected_at, former.service_id, former.environment_id, former.assumed_environment,
        former.artifact, former.counts
    ) is distinct from (
        present.detected_at, present.service_id, present.environment_id,
        present.assumed_environment, present.artifact, present.counts
    ) then
        perform attribute_incident(source, id);
    end if;
    if (former.detected_at, former.resolved_at)
        is distinct from (present.detected_at, present.resolved_at)
    then
        perform mark_failures(belonging.deploy_source, belonging.deploy_id)
        from incident_deployments as belonging
        where belonging.incident_source = source and belonging.incident_id = id;
    end if;
end
$$;

comment on function renew_incident is
'Bring an incident up to date after events of it came or went.';
