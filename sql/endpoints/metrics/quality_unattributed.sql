-- Incidents that belong to no deployment: one row per service, source and reason, with the newest.
-- :from inclusive, :to exclusive, of the detection; :services text[], or null for all; :most
-- integer, rows
select
    incident.service_id as service,
    incident.incident_source as source,
    incident.why,
    (array_agg(incident.environment_id order by incident.detected_at desc))[1] as environment,
    (array_agg(incident.incident_id order by incident.detected_at desc))[1] as example,
    count(*) as count,
    count(*) over () as total
from placed_incidents as incident
where
    incident.detected_at >= :from::timestamptz
    and incident.detected_at < :to::timestamptz
    and incident.deploy_id is null
    and incident.counts
    and (:services::text[] is null or incident.service_id = any(:services::text[]))
group by incident.service_id, incident.incident_source, incident.why
order by count(*) desc, incident.service_id, incident.incident_source asc, incident.why asc
limit :most::integer;
