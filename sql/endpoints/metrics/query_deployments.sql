-- The deployments behind the numbers, the newest first: one row per deployment.
-- :from inclusive, :to exclusive; :deployment text, or null for all; :cursor_time, :cursor_source,
-- :cursor_id of the row before, or null; :page_size integer; the filters: sql/staging/50_asked.sql
select
    deployment.deploy_source as source,
    deployment.deploy_id as id,
    deployment.deploy_name as service,
    deployment.environment_id as environment,
    deployment.time_created as deployed_at,
    deployment.artifact_id as artifact,
    deployment.predicate,
    failure.is_rollback,
    failure.is_failed,
    failure.incidents,
    failure.rolled_back_by,
    recovery.recovered_at,
    rework.is_rework,
    rework.is_during_incident,
    rework.is_unplanned,
    change.repository_id as repository,
    change.sha as change,
    (
        select count(*) from shipped_changes as shipped
        where
            shipped.deploy_source = deployment.deploy_source
            and shipped.deploy_id = deployment.deploy_id
    ) as shipped_changes
from deployments as deployment
left join deployment_failures as failure using (deploy_source, deploy_id)
left join recoveries as recovery using (deploy_source, deploy_id)
left join deployment_reworks as rework using (deploy_source, deploy_id)
left join deployed_changes as change using (deploy_source, deploy_id)
where
    deployment.time_created >= :from::timestamptz
    and deployment.time_created < :to::timestamptz
    and is_asked(
        deployment.deploy_name, deployment.environment_id, :services::text[], :environments::text[],
        :exceptions::jsonb
    )
    and (:deployment::text is null or deployment.deploy_id = :deployment::text)
    and (
        :cursor_time::timestamptz is null
        or (deployment.time_created, deployment.deploy_source, deployment.deploy_id)
        < (:cursor_time::timestamptz, :cursor_source::text, :cursor_id::text)
    )
order by
    deployment.time_created desc, deployment.deploy_source desc, deployment.deploy_id desc
limit :page_size::integer;
