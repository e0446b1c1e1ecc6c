-- The changes behind the lead time, the newest deployment first: one row per deployment and change.
-- :from inclusive, :to exclusive; :services, :environments text[], or null for all; :deployment
-- text, or null for all; :cursor_time, :cursor_source, :cursor_id of the row before, or null;
-- :page_size integer
select
    repository_id as repository,
    branch,
    sha,
    service_id as service,
    environment_id as environment,
    committed_at,
    opened_at,
    merged_at,
    deployed_at,
    clock,
    lead_time_seconds,
    deploy_source as deployment_source,
    deploy_id as deployment
from shipped_changes
where
    deployed_at >= :from::timestamptz
    and deployed_at < :to::timestamptz
    and (:services::text[] is null or service_id = any(:services::text[]))
    and (:environments::text[] is null or environment_id = any(:environments::text[]))
    and (:deployment::text is null or deploy_id = :deployment::text)
    and (
        :cursor_time::timestamptz is null
        or (deployed_at, deploy_source, deploy_id || ' ' || sha)
        < (:cursor_time::timestamptz, :cursor_source::text, :cursor_id::text)
    )
order by deployed_at desc, deploy_source desc, deploy_id || ' ' || sha desc
limit :page_size::integer;
