-- What the catalog calls the service and the environment of an event of an incident.
-- service_name: what a person says in place of what it says itself; or null.
create or replace function incident_place(event incident_events, service_name text)
returns table (service_id text, environment_id text, is_assumed boolean)
language sql stable as $$
    select place.service_id, place.environment_id, place.is_assumed
    from resolved_names(
        coalesce(incident_place.service_name, (incident_place.event).service_name),
        case
            when incident_place.service_name is null then (incident_place.event).service_names
        end,
        (incident_place.event).cd_source, (incident_place.event).environment_name,
        (incident_place.event).assumed_environment
    ) as place
$$;

-- An incident as its events have it now, and persons correct it: one row, or none where only its
-- end is known, or it is a part of another. When it was resolved is for renew_openings to say.
create or replace function current_incident(source text, id text) returns setof incidents
language sql stable as $$
    select
        current_incident.source,
        current_incident.id,
        found.detected_at,
        null::timestamptz,
        case
            when correction.service_name is null then service.service_id
            else coalesce(environment.service_id, correction.service_name)
        end,
        coalesce(environment.environment_id, resolved_environment('')),
        coalesce(environment.is_assumed, true),
        found.artifact,
        artifact_digest(found.artifact),
        artifact_tag_key(found.artifact),
        found.description,
        coalesce(correction.counts, true)
    from (
        select
            least(
                (
                    select min(event.happened_at) from incident_events as event
                    where
                        event.cd_source = current_incident.source
                        and event.incident_id = current_incident.id
                        and event.predicate = 'detected'
                ),
                (
                    select min(event.happened_at) from incident_events as event
                    where
                        event.cd_source = current_incident.source
                        and event.incident_id = current_incident.id
                        and event.predicate = 'reported'
                )
            ) as detected_at,
            (
                select event.artifact from incident_events as event
                where
                    event.cd_source = current_incident.source
                    and event.incident_id = current_incident.id
                    and event.artifact is not null
                order by event.happened_at, event.cd_id
                limit 1
            ) as artifact,
            (
                select event.description from incident_events as event
                where
                    event.cd_source = current_incident.source
                    and event.incident_id = current_incident.id
                    and event.description is not null
                order by event.happened_at, event.cd_id
                limit 1
            ) as description
    ) as found
    cross join
        lateral corrected(
            'incident', array[current_incident.source], array[current_incident.id]
        ) as correction
    left join lateral (
        select place.service_id
        from incident_events as event
        cross join lateral incident_place(event, null) as place
        where
            (event.cd_source, event.incident_id) = (current_incident.source, current_incident.id)
            and coalesce(event.service_name, event.service_names[1]) is not null
            and place.service_id is not null
        order by event.happened_at, event.cd_id
        limit 1
    ) as service on true
    left join lateral (
        select place.*
        from (
            select event.* from incident_events as event
            where
                (event.cd_source, event.incident_id)
                = (current_incident.source, current_incident.id)
                and event.environment_name is not null
            order by event.assumed_environment, event.happened_at, event.cd_id
            limit 1
        ) as first_event
        cross join lateral incident_place(first_event, correction.service_name) as place
    ) as environment on true
    where
        found.detected_at is not null
        and not is_continued(current_incident.source, current_incident.id, found.detected_at)
        and not exists (
            select from incident_events as event
            where
                event.cd_source = current_incident.source
                and event.incident_id = current_incident.id
                and event.merged_into is not null
        )
$$;
