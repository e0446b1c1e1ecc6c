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
    select coalesce(commit_name(listed.commit ->> 'sha'), replaced.cd_subject_id)
    from unnest(listed_commits.keys) as key
    cross join
        lateral (
            select found.* from cdevents_replaced as found
            where
                found.cd_source = key.cd_source
                and found.cd_id = key.cd_id
                and found.cd_subject = 'change'
            offset 0
        ) as replaced
    left join lateral jsonb_array_elements(replaced.content #> '{customData,dora,commits}')
        as listed (commit) on true
$$;

-- The steps that change.merged events join with others, or part from them: by saying which branch
-- is the default, now or before they were replaced, or which number a renamed repository has.
create or replace function joined_steps(keys event_key[]) returns setof event_key
language sql stable as $$
    with given as materialized (
        select event.default_branch, repository_urls(event.repository_url) as urls
        from unnest(joined_steps.keys) as key
        cross join lateral merged_change(key.cd_source, key.cd_id) as event
    ),

    renamed as materialized (
        select distinct given.urls from given
        where
            cardinality(given.urls) > 1
            and exists (
                select from unnest(given.urls[2:]) as later (url)
                cross join
                    lateral (
                        select from steps as step where step.repository_url = later.url limit 1
                    ) as step
            )
    )

    select (step.step_source, step.step_id)::event_key
    from (select distinct urls[1] as url, default_branch from given) as line
    cross join
        lateral (
            select found.* from steps as found
            where found.repository_url = line.url and found.branch_key = line.default_branch
            offset 0
        ) as step
    union
    select (step.step_source, step.step_id)::event_key
    from renamed
    cross join unnest(renamed.urls) as known (url)
    cross join
        lateral (
            select found.* from steps as found where found.repository_url = known.url offset 0
        ) as step
    union
    select (step.step_source, step.step_id)::event_key
    from unnest(joined_steps.keys) as key
    cross join
        lateral (
            select found.content #>> '{customData,dora,defaultBranch}' as default_branch
            from cdevents_replaced as found
            where
                found.cd_source = key.cd_source
                and found.cd_id = key.cd_id
                and found.cd_subject = 'change'
            offset 0
        ) as replaced
    cross join lateral step_of(key.cd_source, key.cd_id) as own
    cross join
        lateral (
            select found.* from steps as found
            where
                found.repository_url = own.repository_url
                and found.branch_key = 'HEAD'
                and replaced.default_branch is not null
            offset 0
        ) as step
$$;

-- The commits of pushes in which reports of merges, as they are or were, tell merges from changes.
create or replace function commits_beside(keys event_key[]) returns setof text
language sql stable as $$
    select distinct beside.sha
    from unnest(commits_beside.keys) as key
    left join lateral merged_change(key.cd_source, key.cd_id) as event on true
    cross join lateral listed_commits(array[key]) as own (sha)
    cross join lateral listings_of(own.sha) as listing
    cross join lateral merged_change(listing.cd_source, listing.cd_id) as push
    cross join
        lateral (
            select found.sha from change_commits as found
            where found.cd_source = push.cd_source and found.cd_id = push.cd_id
            offset 0
        ) as beside
    where
        not push.reports_merge
        and (
            coalesce(event.reports_merge, true)
            or exists (
                select from cdevents_replaced as replaced
                where replaced.cd_source = key.cd_source and replaced.cd_id = key.cd_id
            )
        )
$$;
