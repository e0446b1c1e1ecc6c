-- The incidents behind the numbers and what they are attributed to, the newest first: one row per
-- incident.
-- :from inclusive, :to exclusive; :deployment text, or null for all; :cursor_time, :cursor_source,
-- :cursor_id of the row before, or null; :page_size integer; the filters: sql/staging/50_asked.sql
select
    incident_source as source,
    incident_id as id,
    service_id as service,
    environment_id as environment,
    detected_at,
    resolved_at,
    description,
    deploy_source as deployment_source,
    deploy_id as deployment,
    why
from stg_incident_deployments
where
    detected_at >= :from::timestamptz
    and detected_at < :to::timestamptz
    and is_asked(
        service_id, environment_id, :services::text[], :environments::text[], :exceptions::jsonb
    )
    and (:deployment::text is null or deploy_id = :deployment::text)
    and (
        :cursor_time::timestamptz is null
        or (detected_at, incident_source, incident_id)
        < (:cursor_time::timestamptz, :cursor_source::text, :cursor_id::text)
    )
order by detected_at desc, incident_source desc, incident_id desc
limit :page_size::integer;
