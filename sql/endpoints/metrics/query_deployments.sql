-- The deployments behind the numbers, the newest first: one row per deployment, of those that do
-- not count, too.
-- :from inclusive, :to exclusive; :deployment text, or null for all; :only text, one of those
-- below, or null for all; :cursor_time, :cursor_source, :cursor_id of the row before, or null;
-- :page_size integer, or null for all; the filters: sql/staging/50_asked.sql
with page as materialized (
    select deployment.*
    from
        asked_places(
            :services::text[], :environments::text[], :tiers::text[], null, null
        )
    inner join timeline_deployments as deployment using (service_id, environment_id)
    left join deployment_failures as failure using (deploy_source, deploy_id)
    left join recoveries as recovery using (deploy_source, deploy_id)
    left join deployment_reworks as rework using (deploy_source, deploy_id)
    left join deployed_changes as change using (deploy_source, deploy_id)
    left join corrections as correction
        on
            correction.kind = 'deployment'
            and deployment.deploy_source = correction.source
            and deployment.deploy_id = correction.id
    where
        deployment.deployed_at >= :from::timestamptz
        and deployment.deployed_at < :to::timestamptz
        and (:deployment::text is null or deployment.deploy_id = :deployment::text)
        and case
            when :only::text = 'counted' then coalesce(correction.counts, true)
            when :only::text = 'forward' then not failure.is_rollback
            when :only::text = 'rollbacks' then failure.is_rollback
            when :only::text = 'failed' then failure.is_failed
            when :only::text = 'recovered' then recovery.recovered_at is not null
            when
                :only::text = 'open'
                then recovery.deploy_id is not null and recovery.recovered_at is null
            when :only::text = 'rework' then rework.is_rework
            when
                :only::text = 'unlinked'
                then not change.is_linked and coalesce(correction.counts, true)
            else :only::text is null
        end
        and (
            :cursor_time::timestamptz is null
            or (deployment.deployed_at, deployment.deploy_source, deployment.deploy_id)
            < (:cursor_time::timestamptz, :cursor_source::text, :cursor_id::text)
        )
    order by
        deployment.deployed_at desc, deployment.deploy_source desc, deployment.deploy_id desc
    limit :page_size::integer
)

select
    deployment.deploy_source as source,
    deployment.deploy_id as id,
    deployment.service_id as service,
    deployment.environment_id as environment,
    deployment.deployed_at,
    deployment.artifact,
    deployment.predicate,
    deployment.is_rollback,
    failure.is_failed,
    failure.incidents,
    failure.rolled_back_by,
    recovery.recovered_at,
    rework.is_rework,
    rework.is_during_incident,
    rework.is_unplanned,
    array(
        -- One whose repository is unknown has none before it.
        select ltrim(named.commit)
        from unnest(change.commits) with ordinality as named (commit, place)
        order by named.place
    ) as commits,
    (
        select count(*) from shipped_changes as shipped
        where
            shipped.deploy_source = deployment.deploy_source
            and shipped.deploy_id = deployment.deploy_id
    ) as shipped_changes,
    coalesce(correction.counts, true) as counts,
    shown_correction(correction) as correction
from page as deployment
left join deployment_failures as failure using (deploy_source, deploy_id)
left join recoveries as recovery using (deploy_source, deploy_id)
left join deployment_reworks as rework using (deploy_source, deploy_id)
left join deployed_changes as change using (deploy_source, deploy_id)
left join corrections as correction
    on
        correction.kind = 'deployment'
        and deployment.deploy_source = correction.source
        and deployment.deploy_id = correction.id
order by deployment.deployed_at desc, deployment.deploy_source desc, deployment.deploy_id desc;
