-- One incident: one row, or none; with when it was open, and where to look at it.
-- :source, :id text
select
    incident.detected_at,
    coalesce(
        (
            select
                jsonb_agg(
                    jsonb_build_object(
                        'begins_at',
                        (to_jsonb(opening.begins_at at time zone 'UTC') #>> '{}') || 'Z',
                        'ends_at',
                        (to_jsonb(opening.ends_at at time zone 'UTC') #>> '{}') || 'Z'
                    ) order by opening.begins_at
                )
            from incident_openings as opening
            where
                (opening.incident_source, opening.incident_id)
                = (incident.incident_source, incident.incident_id)
        ), '[]'
    ) as openings,
    (
        select event.content #>> '{customData,dora,url}'
        from incident_events as said
        inner join cdevents_raw as event using (cd_source, cd_id)
        where
            (said.cd_source, said.incident_id) = (incident.incident_source, incident.incident_id)
            and event.content #>> '{customData,dora,url}' is not null
        order by said.happened_at, said.cd_id
        limit 1
    ) as url
from incidents as incident
where (incident.incident_source, incident.incident_id) = (:source::text, :id::text);
