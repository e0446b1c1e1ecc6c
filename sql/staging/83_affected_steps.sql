-- The commits that change.merged events list now, and listed before they were replaced.
create or replace function listed_commits(keys event_key[]) returns setof text
language sql stable as $$
    select listed.sha
    from unnest(listed_commits.keys) as key
    cross join
        lateral (
            select found.sha from change_commits as found
            where found.cd_source = key.cd_source and found.cd_id = key.cd_id
            offset 0
        ) as listed
    union
    select listed.sha
    from unnest(listed_commits.keys) as key
    cross join lateral replaced_reports(array[key.cd_source], array[key.cd_id]) as replaced
    cross join lateral commit_facts(replaced) as listed
$$;

-- The repositories of events as they say, and said before they were replaced; with the name of the
-- default branch that a change.merged says, and the number that a replaced event said.
create or replace function said_repositories(keys event_key[])
returns table (
    repository_url text, default_branch text, repository_number text, is_replaced boolean
)
language sql stable as $$
    select event.repository_url, event.default_branch, null, false
    from unnest(said_repositories.keys) as key
    cross join lateral merged_change(key.cd_source, key.cd_id) as event
    union
    select event.repository_url, null, null, false
    from unnest(said_repositories.keys) as key
    cross join
        lateral (
            select found.repository_url from service_events as found
            where found.cd_source = key.cd_source and found.cd_id = key.cd_id
            limit 1
        ) as event
    where event.repository_url is not null
    union
    select
        canonical_repository(coalesce(
            event.repository_id, event.content #>> '{customData,dora,repository}', ''
        )),
        event.content #>> '{customData,dora,defaultBranch}',
        event.content #>> '{customData,dora,repositoryId}',
        true
    from unnest(said_repositories.keys) as key
    cross join lateral replaced_reports(array[key.cd_source], array[key.cd_id]) as event
$$;

-- The steps that events join with others, or part from them: by which branch they say is the
-- default, or which number a renamed repository has. Where an event was replaced, all of the
-- repository, and of those with the number that it said.
create or replace function joined_steps(keys event_key[]) returns setof event_key
language sql stable as $$
    with said as materialized (
        select said.*, repository_urls(said.repository_url) as urls
        from said_repositories(joined_steps.keys) as said
    ),

    replaced as materialized (
        select said.repository_url from said
        where said.is_replaced
        union
        select known.repository_url from said
        inner join repository_numbers as known using (repository_number)
        where said.is_replaced
    ),

    parted as materialized (
        select replaced.repository_url from replaced
        union
        select step.repository_url
        from replaced
        cross join
            lateral (
                select found.cd_source, found.cd_id from changes_merged as found
                where found.repository_url = replaced.repository_url
                offset 0
            ) as event
        cross join lateral step_of(event.cd_source, event.cd_id) as step
    ),

    whole as materialized (
        select parted.repository_url from parted
        union
        select known.url from said
        cross join unnest(said.urls) as known (url)
        where
            cardinality(said.urls) > 1
            and exists (
                select from unnest(said.urls[2:]) as later (url)
                cross join
                    lateral (
                        select from steps as step where step.repository_url = later.url limit 1
                    ) as step
            )
    )

    select (step.step_source, step.step_id)::event_key
    from said
    cross join
        lateral (
            select found.* from steps as found
            where
                found.repository_url = said.urls[1] and found.branch_key = said.default_branch
            offset 0
        ) as step
    union
    select (step.step_source, step.step_id)::event_key
    from whole
    cross join
        lateral (
            select found.* from steps as found
            where found.repository_url = whole.repository_url
            offset 0
        ) as step
$$;

-- The commits of pushes in which reports of merges, as they are or were, say what is a merge.
create or replace function commits_beside(keys event_key[]) returns setof text
language sql stable as $$
    with saying as materialized (
        select key
        from unnest(commits_beside.keys) as key
        left join lateral merged_change(key.cd_source, key.cd_id) as event on true
        where
            coalesce(event.reports_merge, true)
            or exists (
                select from cdevents_replaced as replaced
                where replaced.cd_source = key.cd_source and replaced.cd_id = key.cd_id
            )
    )

    select distinct beside.sha
    from saying
    cross join lateral listed_commits(array[saying.key]) as own (sha)
    cross join lateral listings_of(own.sha) as listing
    cross join lateral merged_change(listing.cd_source, listing.cd_id) as push
    cross join
        lateral (
            select found.sha from change_commits as found
            where found.cd_source = push.cd_source and found.cd_id = push.cd_id
            offset 0
        ) as beside
    where not push.reports_merge
$$;
