-- The merges in a push that are no changes of their own: the heads of their pull requests are other
-- commits of it.
create or replace function merges_in(source text, id text, repository_url text)
returns table (place integer, opened_at timestamptz)
language sql stable as $$
    select merge.place, min(report.opened_at)
    from (
        select listed.sha, listed.place from change_commits as listed
        where listed.cd_source = merges_in.source and listed.cd_id = merges_in.id
        offset 0
    ) as merge
    cross join lateral reports_of(merge.sha) as report
    cross join lateral step_of(report.cd_source, report.cd_id) as step
    where
        step.repository_url = merges_in.repository_url
        and report.head <> merge.sha
        and exists (
            select from change_commits as head
            where
                (head.cd_source, head.cd_id) = (merges_in.source, merges_in.id)
                and head.sha = report.head
        )
    group by merge.place
$$;

-- What listings say of commits together, in each repository that has them: one row each. The
-- opening of a merge that is no change belongs to the commits that it brought to the branch: in a
-- push of several merges those before it, up to the merge before; after the last one, too.
create or replace function listed_changes(listings change_commits[]) returns setof changes
language sql stable as $$
    with listed as materialized (
        select
            step.repository_url, step.step_source, step.step_id, step.is_step, step.merged_at,
            step.last_place, listing.sha, listing.place, listing.committed_at, listing.is_bot,
            listing.paths, event.opened_at, event.reports_merge
        from unnest(listed_changes.listings) as listing
        cross join lateral merged_change(listing.cd_source, listing.cd_id) as event
        cross join lateral step_of(listing.cd_source, listing.cd_id) as step
    ),

    pushes as materialized (
        select push.step_source, push.step_id, array_agg(merge) as merges
        from (
            select distinct step_source, step_id, repository_url from listed
            where not reports_merge
        ) as push
        cross join lateral merges_in(push.step_source, push.step_id, push.repository_url) as merge
        group by push.step_source, push.step_id
    ),

    known as (
        select
            listed.repository_url, listed.sha,
            array_agg(
                array[listed.step_source, listed.step_id, listed.place::text]
                order by
                    listed.place <> listed.last_place, listed.merged_at, listed.step_source,
                    listed.step_id
            ) filter (where listed.is_step) as taken,
            min(listed.committed_at) as committed_at,
            least(min(listed.opened_at), min(merge.opened_at)) as opened_at,
            min(listed.merged_at) as merged_at,
            coalesce(bool_or(listed.is_bot), false) as is_bot,
            coalesce(bool_or(merge.place = listed.place), false) as is_merge,
            string_agg(array_to_string(listed.paths, E'\n'), E'\n') as paths
        from listed
        left join pushes using (step_source, step_id)
        left join lateral (
            select found.place, found.opened_at
            from unnest(pushes.merges) as found (place integer, opened_at timestamptz)
            order by found.place < listed.place, abs(found.place - listed.place)
            limit 1
        ) as merge on true
        group by listed.repository_url, listed.sha
    )

    select
        known.repository_url, known.sha, known.taken[1][1], known.taken[1][2],
        known.taken[1][3]::integer, known.committed_at, known.opened_at, known.merged_at,
        known.is_bot, known.is_merge,
        case when known.paths is not null then array(
            select distinct path from string_to_table(known.paths, E'\n') as path
            where path <> ''
            order by path
        ) end
    from known
$$;

-- What is known of commits, in each repository that has them: one row each.
create or replace function known_changes(shas text[]) returns setof changes
language sql stable as $$
    select known.* from listed_changes(array(
        select listing::change_commits
        from unnest(known_changes.shas) as wanted (sha)
        cross join lateral listings_of(wanted.sha) as listing
    )) as known
$$;

comment on function known_changes is
'What is known of commits, in each repository that has them: one row each.';
