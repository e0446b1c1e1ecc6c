-- The change that is nearest to one among those that it reaches: itself, where it is no merge of
-- others, and what does not contradict the deployment. Or no row.
create or replace function nearest_change(
    source text, id text, at_place integer, commits text[], deployed_at timestamptz
)
returns table (
    step_source text, step_id text, place integer, repository_url text, sha text,
    committed_at timestamptz, opened_at timestamptz, merged_at timestamptz, is_bot boolean,
    is_merge boolean, paths text[]
)
language plpgsql stable as $$
declare
    passed text[] := '{}';
begin
    while id is not null and concat_ws(' ', source, id, at_place) <> all(passed) loop
        return query
        select source, id, within.* from changes_between(source, id, 0, at_place) as within
        where
            not within.is_merge
            and not contradicts(
                within.repository_url, within.sha, within.committed_at, within.merged_at, commits,
                deployed_at
            )
        order by within.place desc
        limit 1;
        exit when found;
        passed := passed || concat_ws(' ', source, id, at_place);
        select step.parent_source, step.parent_id, step.parent_place into source, id, at_place
        from step_of(source, id) as step;
    end loop;
end
$$;

-- The changes that are a deployment's to ship: what it reached; of the first one of a repository
-- only the change that it names.
create or replace function reached_by(
    source text, id text, commits text[], listed text[], deployed_at timestamptz
)
returns table (
    step_source text, step_id text, place integer, repository_url text, sha text,
    committed_at timestamptz, opened_at timestamptz, merged_at timestamptz, is_bot boolean,
    is_merge boolean, paths text[]
)
language sql stable as $$
    select mark.step_source, mark.step_id, within.*
    from marks_of(reached_by.source, reached_by.id) as mark
    cross join lateral changes_between(
        mark.step_source, mark.step_id, mark.after_place, mark.place
    ) as within
    where mark.kind <> 'contradiction' and not mark.is_first
    union all
    select nearest.*
    from unnest(reached_by.commits) as name
    cross join lateral named_change(name) as named
    cross join lateral nearest_change(
        named.step_source, named.step_id, named.place, reached_by.commits || reached_by.listed,
        reached_by.deployed_at
    ) as nearest
    where exists (
        select from marks_of(reached_by.source, reached_by.id) as mark
        where mark.repository_url = named.repository_url and mark.is_first
    )
$$;

-- The marks of the deployments of a service and environment that reached a commit of a repository.
create or replace function marks_over(
    service_id text, environment_id text, repository_url text, sha text
)
returns setof reached_steps
language sql stable as $$
    select mark.*
    from listings_of(marks_over.sha) as listing
    cross join lateral marks_in(
        marks_over.service_id, marks_over.environment_id, marks_over.repository_url,
        listing.cd_source, listing.cd_id
    ) as mark
    where
        mark.after_place < listing.place
        and mark.place >= listing.place
        and mark.kind <> 'contradiction'
$$;

-- What a deployment ships.
create or replace function shipped_by(source text, id text) returns setof shipped_changes
language sql stable as $$
    select distinct on (own.repository_url, own.sha)
        deployment.deploy_source, deployment.deploy_id, own.repository_url, own.sha, event.branch,
        deployment.service_id, deployment.environment_id, own.committed_at, own.opened_at,
        own.merged_at, deployment.deployed_at, deployment.revision, own.is_bot,
        case clock.started_at
            when own.committed_at then 'commit'
            when own.opened_at then 'opened'
            else 'merged'
        end,
        seconds_between(clock.started_at, deployment.deployed_at),
        seconds_between(own.committed_at, own.opened_at),
        seconds_between(own.opened_at, own.merged_at),
        seconds_between(own.merged_at, deployment.deployed_at)
    from deployment_of(shipped_by.source, shipped_by.id) as deployment
    cross join lateral reached_by(
        deployment.deploy_source, deployment.deploy_id, deployment.commits, deployment.listed,
        deployment.deployed_at
    ) as own
    cross join lateral merged_change(own.step_source, own.step_id) as event
    cross join lateral coalesce(least(own.committed_at, own.opened_at), own.merged_at)
        as clock (started_at)
    where
        not own.is_merge
        and not exists (
            select from marks_over(
                deployment.service_id, deployment.environment_id, own.repository_url, own.sha
            ) as other
            where
                (other.deployed_at, other.revision, other.deploy_source, other.deploy_id) < (
                    deployment.deployed_at, deployment.revision, deployment.deploy_source,
                    deployment.deploy_id
                )
        )
        -- Null where the catalog names no paths, or those of the change are unknown: both count.
        and coalesce(
            touches(own.paths, patterns_of(deployment.service_id, own.repository_url)), true
        )
    order by own.repository_url, own.sha, event.branch
$$;

comment on function shipped_by is
'The changes that a deployment ships: one row each.';
