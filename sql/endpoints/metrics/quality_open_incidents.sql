-- Incidents that are open for longer than 30 days: one row per service and source, with the oldest.
-- :to timestamptz; :services text[], or null for all; :most integer, rows
select
    incident.service_id as service,
    incident.incident_source as source,
    (array_agg(incident.incident_id order by incident.detected_at))[1] as example,
    floor(extract(epoch from :to::timestamptz - min(incident.detected_at)) / 86400)::integer
        as days,
    count(*) as count,
    count(*) over () as total
from incidents as incident
where
    incident.resolved_at is null
    and incident.detected_at < :to::timestamptz - interval '30 days'
    and incident.counts
    and (:services::text[] is null or incident.service_id = any(:services::text[]))
group by incident.service_id, incident.incident_source
order by count(*) desc, incident.service_id, incident.incident_source asc
limit :most::integer;
