-- Bring up to date what persons say of deployments and incidents.
create or replace function renew_corrections(
    sources text[], ids text[], changed_rollouts text[]
) returns void
language plpgsql as $$
declare
    said record;
begin
    for said in select * from told_corrections(sources, ids, changed_rollouts) loop
        if said.kind = 'deployment' then
            perform renew_corrected_rollouts(said.id);
        else
            perform
                renew_correction('incident', incident.incident_source, incident.incident_id),
                renew_incident(
                    incident.incident_source, incident.incident_id, 'infinity', '-infinity', false
                )
            from incidents as incident
            where
                incident.incident_id = said.id
                and (said.source is null or incident.incident_source = said.source);
        end if;
    end loop;
end
$$;

-- The services that persons say deployments are of, or no longer, and those that their events name.
create or replace function corrected_services(sources text[], ids text[]) returns text[]
language plpgsql stable as $$
begin
    return array(
        select resolved_service(named.service_name, event.cd_source, event.environment_name)
        from told_corrections(sources, ids, '{}') as told
        cross join lateral (
            select known.* from service_events as known where known.cd_id = told.id offset 0
        ) as event
        cross join lateral (
            select event.service_name
            union
            select other.said ->> 'service' from correction_events as other
            where other.id = told.id
        ) as named
        where told.kind = 'deployment' and named.service_name is not null
    );
end
$$;
