-- What is said by corrections that are applied, or was by what they took the place of; and what was
-- said already of rollouts that changed.
create or replace function applied_corrections(sources text[], ids text[], changed_rollouts text[])
returns table (kind text, source text, id text)
language sql stable as $$
    select event.kind, event.source, event.id
    from unnest(applied_corrections.sources, applied_corrections.ids) as given (cd_source, cd_id)
    inner join correction_events as event using (cd_source, cd_id)
    union
    select former.kind, former.source, former.id
    from replaced_reports(applied_corrections.sources, applied_corrections.ids) as report
    cross join lateral correction_facts(report) as former
    union
    select event.kind, event.source, event.id
    from unnest(applied_corrections.changed_rollouts) as rollout (id)
    cross join lateral (
        select known.kind, known.source, known.id from correction_events as known
        where known.id = rollout.id and known.kind = 'deployment'
        offset 0
    ) as event
$$;

-- Bring up to date what persons say of deployments and incidents.
create or replace function renew_corrections(
    sources text[], ids text[], changed_rollouts text[]
) returns void
language plpgsql as $$
declare
    said record;
begin
    for said in select * from applied_corrections(sources, ids, changed_rollouts) loop
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

comment on function renew_corrections is
'Bring up to date what persons say of deployments and incidents.';

-- The services that persons say deployments are of, or no longer, and those that their events name.
create or replace function corrected_services(sources text[], ids text[]) returns text[]
language plpgsql stable as $$
begin
    return array(
        select named.service_id
        from applied_corrections(sources, ids, '{}') as correction
        cross join lateral (
            select known.* from service_events as known where known.cd_id = correction.id offset 0
        ) as event
        cross join lateral (
            select resolved.service_id
            from resolved_names(
                event.service_name, event.service_names, event.cd_source, event.environment_name,
                event.assumed_environment
            ) as resolved
            union
            select resolved_service(
                other.said ->> 'service', event.cd_source, event.environment_name
            )
            from correction_events as other
            where other.id = correction.id and other.said ->> 'service' is not null
        ) as named
        where correction.kind = 'deployment'
    );
end
$$;
