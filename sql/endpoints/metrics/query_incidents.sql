-- The incidents behind the numbers and what they belong to, the newest first: one row per incident.
-- :from inclusive, :to exclusive; :deployment text, or null for all; :only text, one of those
-- below, or null for all; :cursor_time, :cursor_source, :cursor_id of the row before, or null;
-- :page_size integer, or null for all; the filters: sql/staging/50_asked.sql
select
    incident.incident_source as source,
    incident.incident_id as id,
    incident.service_id as service,
    incident.environment_id as environment,
    incident.detected_at,
    incident.resolved_at,
    incident.description,
    incident.deploy_source as deployment_source,
    incident.deploy_id as deployment,
    incident.why,
    incident.counts,
    shown_correction(correction) as correction
from
    asked_incidents(
        :from::timestamptz,
        :to::timestamptz,
        :services::text[],
        :environments::text[],
        :tiers::text[]
    ) as incident
left join corrections as correction
    on
        correction.kind = 'incident'
        and incident.incident_source = correction.source
        and incident.incident_id = correction.id
where
    (:deployment::text is null or incident.deploy_id = :deployment::text)
    and (
        :only::text is null
        or incident.counts
        and (
            :only::text = 'counted'
            or :only::text = 'open' and incident.resolved_at is null
            or :only::text = 'unattributed' and incident.deploy_id is null
        )
    )
    and (
        :cursor_time::timestamptz is null
        or (incident.detected_at, incident.incident_source, incident.incident_id)
        < (:cursor_time::timestamptz, :cursor_source::text, :cursor_id::text)
    )
order by incident.detected_at desc, incident.incident_source desc, incident.incident_id desc
limit :page_size::integer;
