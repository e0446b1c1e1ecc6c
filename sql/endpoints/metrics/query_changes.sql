-- The changes behind the lead time, the newest deployment first: one row per change and service, at
-- the first of the deployments asked about that shipped it.
-- :from inclusive, :to exclusive; :deployment text, or null for all; :cursor_time, :cursor_source,
-- :cursor_id of the row before, or null; :page_size integer, or null for all; the filters:
-- sql/staging/50_asked.sql
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
    is_bot,
    clock,
    lead_time_seconds,
    deploy_source as deployment_source,
    deploy_id as deployment
from
    asked_changes_in_order(
        :from::timestamptz,
        :to::timestamptz,
        :services::text[],
        :environments::text[],
        :tiers::text[],
        :repositories::text[]
    )
where
    (:deployment::text is null or deploy_id = :deployment::text)
    and (
        :cursor_time::timestamptz is null
        or (deployed_at, deploy_source, deploy_id || ' ' || sha)
        < (:cursor_time::timestamptz, :cursor_source::text, :cursor_id::text)
    )
order by deployed_at desc, deploy_source desc, deploy_id || ' ' || sha desc
limit :page_size::integer;
