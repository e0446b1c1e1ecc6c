-- When an incident that was open from a moment on was resolved; null where it still is open. Its
-- first opening ends at once where it was resolved up to five minutes before; another one of its
-- alert that was resolved before it began does not end it.
create or replace function opening_end(
    source text, id text, begins_at timestamptz, is_first boolean
) returns timestamptz
language plpgsql stable as $$
declare
    since constant timestamptz := opening_end.begins_at
    - case when is_first then interval '5 minutes' else '0' end;
    resolved_at constant timestamptz := least(
        (
            select min(event.happened_at) from incident_events as event
            where
                event.cd_source = source
                and event.incident_id = id
                and event.predicate = 'resolved'
                and event.happened_at >= since
        ),
        (
            select min(event.happened_at) from incident_events as event
            where
                event.cd_source = source
                and event.alert = alert_of(source, id)
                and event.predicate = 'resolved'
                and event.happened_at >= begins_at
        )
    );
begin
    return case when resolved_at is not null then greatest(resolved_at, begins_at) end;
end
$$;

-- Bring the openings of an incident up to date, after events of it between two moments came or
-- went; after another detection, from -infinity on. It ends where what follows is as it was: in
-- order that is at once, however often the incident was opened.
create or replace function renew_openings(
    source text, id text, detected_at timestamptz, since timestamptz, until timestamptz
) returns void
language plpgsql as $$
declare
    rework_window constant interval := (
        select setting.rework_window from metric_settings as setting
    );
    place record;
    here timestamptz;
    known record;
    ended_at timestamptz;
    following timestamptz;
    gone record;
begin
    select deployment.service_id, deployment.environment_id into place
    from incident_deployments as belonging
    inner join timeline_deployments as deployment using (deploy_source, deploy_id)
    where belonging.incident_source = source and belonging.incident_id = id;

    -- The opening before the first moment began where it did; it may end otherwise.
    select coalesce(max(opening.begins_at), detected_at) into here
    from incident_openings as opening
    where
        opening.incident_source = source
        and opening.incident_id = id
        and opening.begins_at < since;
    following := here;

    loop
        -- What is not open any more, before the first opening or between two.
        for gone in
            delete from incident_openings as opening
            where
                opening.incident_source = source
                and opening.incident_id = id
                and (
                    opening.begins_at > here and opening.begins_at < coalesce(following, 'infinity')
                    or opening.begins_at < detected_at
                )
            returning opening.begins_at
        loop
            perform mark_reworks(
                place.service_id, place.environment_id, gone.begins_at,
                gone.begins_at + rework_window
            );
        end loop;
        exit when following is null;

        here := following;
        ended_at := opening_end(source, id, here, here = detected_at);
        select opening.ends_at into known
        from incident_openings as opening
        where
            opening.incident_source = source
            and opening.incident_id = id
            and opening.begins_at = here;
        if found and known.ends_at is not distinct from ended_at then
            exit when here > until;
        else
            perform mark_reworks(
                place.service_id, place.environment_id,
                case when found then least(known.ends_at, ended_at) else here end,
                here + rework_window
            );
            insert into incident_openings
            values (source, id, here, ended_at, place.service_id, place.environment_id)
            on conflict (incident_source, incident_id, begins_at)
            do update set ends_at = excluded.ends_at;
        end if;
        following := (
            select min(event.happened_at) from incident_events as event
            where
                event.cd_source = source
                and event.incident_id = id
                and event.predicate = 'detected'
                and event.happened_at > ended_at
        );
    end loop;
end
$$;

comment on function renew_openings is
'Bring the times for which an incident was open up to date.';
