-- The change that a name means, which is a repository, a space and a commit; where it has no
-- repository, in the first one by its URL. Or no row.
create or replace function named_change(name text)
returns table (repository_url text, sha text, step_source text, step_id text, place integer)
language sql stable as $$
    select known.repository_url, known.sha, known.step_source, known.step_id, known.place
    from changes as known
    where
        known.sha = split_part(named_change.name, ' ', -1)
        and known.step_id is not null
        and left(named_change.name, strpos(named_change.name, ' ') - 1)
        in (known.repository_url, '')
    order by known.repository_url
    limit 1
$$;

-- The changes of a run of a step's commits.
create or replace function changes_between(
    source text, id text, after_place integer, until_place integer
)
returns table (
    place integer, repository_url text, sha text, committed_at timestamptz, opened_at timestamptz,
    merged_at timestamptz, is_bot boolean, is_merge boolean, paths text[]
)
language sql stable as $$
    select
        listed.place, known.repository_url, known.sha, known.committed_at, known.opened_at,
        known.merged_at, known.is_bot, known.is_merge, known.paths
    from step_of(changes_between.source, changes_between.id) as step
    cross join lateral listed_between(
        step.step_source, step.step_id, changes_between.after_place, changes_between.until_place
    ) as listed
    cross join lateral change_of(step.repository_url, listed.sha) as known
$$;

-- Whether a change cannot be part of what a deployment reaches: it does not name it, and it was
-- committed, and first reported, more than five minutes after it.
create or replace function contradicts(
    repository_url text, sha text, committed_at timestamptz, merged_at timestamptz,
    commits text[], deployed_at timestamptz
)
returns boolean
language sql immutable as $$
    select
        coalesce(least(committed_at, merged_at) > deployed_at + interval '5 minutes', false)
        and committed_at is not null
        and repository_url || ' ' || sha <> all(commits)
        and ' ' || sha <> all(commits)
$$;

-- The commits of a version by the first URLs of their repositories: it was perhaps not known yet
-- that one was renamed.
create or replace function resolved_commits(commits text[]) returns text[]
language plpgsql stable as $$
begin
    return array(
        select resolved_repository(left(name, strpos(name, ' ') - 1)) || ' '
            || split_part(name, ' ', -1)
        from unnest(commits) with ordinality as named (name, place)
        order by place
    );
end
$$;

-- What the rollouts of a deployment list beside its version, as names in its repositories; where
-- none is known, without one.
create or replace function listed_names(source text, id text, commits text[]) returns text[]
language plpgsql stable as $$
begin
    return array(
        select distinct repository.url || ' ' || listed.sha
        from timeline as rollout
        inner join service_events as event using (cd_source, cd_id)
        cross join unnest(event.listed_commits) as listed (sha)
        cross join
            lateral (
                select left(name, strpos(name, ' ') - 1)
                from unnest(listed_names.commits) as name
                where not starts_with(name, ' ')
                union
                select coalesce(resolved_repository(rollout.repository_url), '')
                where
                    rollout.repository_url is not null
                    or not exists (
                        select from unnest(listed_names.commits) as name
                        where not starts_with(name, ' ')
                    )
            ) as repository (url)
        where
            listed.sha is not null
            and (rollout.deploy_source, rollout.deploy_id) = (listed_names.source, listed_names.id)
        order by 1
    );
end
$$;
