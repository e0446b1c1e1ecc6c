-- What given events of artifacts say of them, in all reports of them.
create or replace function given_artifact_events(sources text[], ids text[])
returns setof artifact_events
language sql stable as $$
    select fact.*
    from unnest(given_artifact_events.sources, given_artifact_events.ids)
        as given (cd_source, cd_id)
    cross join lateral (
        select known.* from artifact_events as known
        where known.cd_source = given.cd_source and known.cd_id = given.cd_id
        -- Keeps it a look-up, where many artifacts and little else is known.
        limit 1
    ) as fact
    union all
    select fact.*
    from replaced_reports(given_artifact_events.sources, given_artifact_events.ids) as report
    cross join lateral artifact_fact(report) as fact
$$;

-- What given changes may be called in versions, in all reports of them: their commits,
-- heads and names; the commits of reports of merges whose commit they list.
create or replace function given_names(sources text[], ids text[]) returns table (name text)
language sql stable as $$
    with replaced as materialized (
        select report.* from replaced_reports(given_names.sources, given_names.ids) as report
    ),

    names as materialized (
        select listed.sha as name
        from unnest(given_names.sources, given_names.ids) as given (cd_source, cd_id)
        inner join change_commits as listed using (cd_source, cd_id)
        union
        select listed.sha from replaced cross join lateral commit_facts(replaced) as listed
        union
        select called.name
        from (
            select change.head, change.subject_id
            from unnest(given_names.sources, given_names.ids) as given (cd_source, cd_id)
            inner join changes_merged as change using (cd_source, cd_id)
            union all
            select change.head, change.subject_id
            from replaced
            cross join lateral change_fact(replaced) as change
        ) as change
        cross join lateral (values (change.head), (change.subject_id)) as called (name)
        where called.name is not null
    )

    select names.name from names
    union
    select listed.sha
    from names
    cross join lateral (
        select known.* from changes_merged as known
        where known.last_sha = names.name and known.reports_merge
        offset 0
    ) as report
    inner join change_commits as listed using (cd_source, cd_id)
$$;
