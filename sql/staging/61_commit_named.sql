-- Whether a change is a step of its repository. A report of a merge is one only where no push lists
-- the commit of the merge.
create or replace function is_step(change changes_merged) returns boolean
language sql stable as $$
    select
        not change.reports_merge
        or not exists (
            select from change_commits as pushed
            inner join changes_merged as push using (cd_source, cd_id)
            where
                pushed.sha collate "C" = change.last_sha
                and not push.reports_merge
                and resolved_repository(push.repository_url)
                = resolved_repository(change.repository_url)
        )
$$;

-- Known commits that a name in canonical form may mean, those of steps and heads: those called so
-- (1), the last commit of the change called so (2), those that begin so (3).
create or replace function known_commits(name text)
returns table (preference integer, repository_url text, sha text)
language sql stable as $$
    select distinct
        found.preference, resolved_repository(found.repository_url), found.sha
    from (
        select 1 as preference, change.repository_url, listed.sha
        from change_commits as listed
        inner join changes_merged as change using (cd_source, cd_id)
        where listed.sha collate "C" = known_commits.name and is_step(change)
        union all
        select 1, change.repository_url, change.head from changes_merged as change
        where change.head collate "C" = known_commits.name
        union all
        select 2, change.repository_url, change.last_sha from changes_merged as change
        where change.subject_id = known_commits.name
        union all
        select 3, change.repository_url, listed.sha
        from change_commits as listed
        inner join changes_merged as change using (cd_source, cd_id)
        where
            known_commits.name ~ '^[0-9a-f]{7,}$'
            and listed.sha collate "C" > known_commits.name
            and listed.sha collate "C" < known_commits.name || 'g'
            and is_step(change)
        union all
        select 3, change.repository_url, change.head
        from changes_merged as change
        where
            known_commits.name ~ '^[0-9a-f]{7,}$'
            and change.head collate "C" > known_commits.name
            and change.head collate "C" < known_commits.name || 'g'
    ) as found
$$;

-- The known commit that a name in canonical form means, of a repository, or of some of them, or of
-- any; the first by name where it fits in several. The head of a merge that no step lists means the
-- commit of the merge. Or no row.
create or replace function commit_named(name text, repositories text[])
returns table (repository_url text, sha text)
language sql stable as $$
    with fitting as materialized (
        select known.* from known_commits(commit_named.name) as known
        where
            commit_named.repositories is null
            or known.repository_url = any(commit_named.repositories)
    ),

    chosen as (
        select fitting.repository_url, fitting.sha from fitting
        where
            fitting.preference = (select min(other.preference) from fitting as other)
            and (
                fitting.preference < 3
                or (select count(distinct other.sha) from fitting as other) = 1
            )
        order by fitting.repository_url, fitting.sha
        limit 1
    )

    select chosen.repository_url, coalesce(merge.last_sha, chosen.sha)
    from chosen
    left join lateral (
        select change.last_sha from changes_merged as change
        where
            change.head collate "C" = chosen.sha
            and resolved_repository(change.repository_url) = chosen.repository_url
            and not exists (
                select from change_commits as listed
                inner join changes_merged as step using (cd_source, cd_id)
                where
                    listed.sha collate "C" = chosen.sha
                    and resolved_repository(step.repository_url) = chosen.repository_url
                    and is_step(step)
            )
        order by change.merged_at, change.cd_source, change.cd_id
        limit 1
    ) as merge on true
$$;
