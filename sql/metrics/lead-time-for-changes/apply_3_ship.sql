-- Compute again which changes the marked deployments ship, with their lead times: the named change
-- of a service's first deployment, and those between two places of the branch of a later one.
with stale as (
    update deployed_changes set is_stale = false
    where is_stale
    returning *
),

shipped as materialized (
    select
        stale.deploy_source, stale.deploy_id, change.sha, change.repository_id, change.branch,
        stale.service_id, stale.environment_id, change.committed_at, change.opened_at,
        change.merged_at, stale.deployed_at,
        case
            when change.committed_at is not null then 'commit'
            when change.opened_at is not null then 'opened'
            else 'merged'
        end as clock,
        seconds_between(
            coalesce(change.committed_at, change.opened_at, change.merged_at), stale.deployed_at
        ) as lead_time_seconds
    from stale
    cross join
        lateral (
            select commit.sha from change_commits as commit
            where
                stale.previous_position is not null
                and commit.repository_id = stale.repository_id
                and commit.branch = stale.branch
                and commit.mainline_position > stale.previous_position
                and commit.mainline_position <= stale.mainline_position
            union
            select stale.sha
            where stale.previous_position is null
        ) as candidate
    cross join
        lateral (
            -- The limit keeps the look-up within the view: without it all changes are aggregated.
            select known.* from stg_changes as known
            where
                known.repository_id = stale.repository_id
                and known.branch = stale.branch
                and known.sha = candidate.sha
            order by known.sha
            limit 1
        ) as change
    where stale.mainline_position >= change.mainline_position
),

no_longer_shipped as (
    delete from shipped_changes
    using stale
    where
        shipped_changes.deploy_source = stale.deploy_source
        and shipped_changes.deploy_id = stale.deploy_id
        and not exists (
            select from shipped
            where
                shipped.deploy_source = shipped_changes.deploy_source
                and shipped.deploy_id = shipped_changes.deploy_id
                and shipped.sha = shipped_changes.sha
        )
)

insert into shipped_changes (
    deploy_source, deploy_id, sha, repository_id, branch, service_id, environment_id,
    committed_at, opened_at, merged_at, deployed_at, clock, lead_time_seconds
)
select * from shipped
on conflict (deploy_source, deploy_id, sha) do update set
    repository_id = excluded.repository_id,
    branch = excluded.branch,
    service_id = excluded.service_id,
    environment_id = excluded.environment_id,
    committed_at = excluded.committed_at,
    opened_at = excluded.opened_at,
    merged_at = excluded.merged_at,
    deployed_at = excluded.deployed_at,
    clock = excluded.clock,
    lead_time_seconds = excluded.lead_time_seconds
where shipped_changes is distinct from excluded;
