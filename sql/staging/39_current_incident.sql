-- An incident as its events have it now, and persons correct it: one row, or none where only its
-- end is known, or it is a part of another. When it was resolved is for renew_openings to say.
create or replace function current_incident(source text, id text) returns setof incidents
language sql stable as $$
    select
        current_incident.source,
        current_incident.id,
        found.detected_at,
        null::timestamptz,
        place.service_id,
        place.environment_id,
        place.is_assumed,
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
        select event.service_name, event.service_names from incident_events as event
        where
            (event.cd_source, event.incident_id) = (current_incident.source, current_incident.id)
            and coalesce(event.service_name, event.service_names[1]) is not null
        order by event.happened_at, event.cd_id
        limit 1
    ) as service on true
    left join lateral (
        select event.environment_name, event.assumed_environment from incident_events as event
        where
            (event.cd_source, event.incident_id) = (current_incident.source, current_incident.id)
            and event.environment_name is not null
        order by event.assumed_environment, event.happened_at, event.cd_id
        limit 1
    ) as environment on true
    cross join
        lateral resolved_names(
            coalesce(correction.service_name, service.service_name),
            case when correction.service_name is null then service.service_names end,
            current_incident.source, environment.environment_name,
            coalesce(environment.assumed_environment, false)
        ) as place
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
