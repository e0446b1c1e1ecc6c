-- What is known of commits together with what steps say that are new: it costs what these list, and
-- not how often a commit was listed before.
create or replace function changes_with(steps event_key[]) returns setof changes
language sql stable as $$
    select
        new.repository_url, new.sha,
        case when first.is_known then known.step_source else new.step_source end,
        case when first.is_known then known.step_id else new.step_id end,
        case when first.is_known then known.place else new.place end,
        least(known.committed_at, new.committed_at),
        least(known.opened_at, new.opened_at),
        least(known.merged_at, new.merged_at),
        new.is_bot or coalesce(known.is_bot, false),
        new.is_merge or coalesce(known.is_merge, false),
        case when coalesce(known.paths, new.paths) is not null then array(
            select path from unnest(known.paths) as path
            union
            select path from unnest(new.paths) as path
            order by path
        ) end
    from listed_changes(array(
        select listing::change_commits
        from unnest(changes_with.steps) as key
        cross join
            lateral (
                select found.* from change_commits as found
                where found.cd_source = key.cd_source and found.cd_id = key.cd_id
                offset 0
            ) as listing
    )) as new
    left join lateral change_of(new.repository_url, new.sha) as known on true
    left join lateral step_of(known.step_source, known.step_id) as earlier on true
    left join lateral step_of(new.step_source, new.step_id) as added on true
    cross join
        lateral (
            select
                known.step_id is not null and (
                    new.step_id is null
                    or (
                        known.place <> earlier.last_place, earlier.merged_at, known.step_source,
                        known.step_id
                    ) <= (
                        new.place <> added.last_place, added.merged_at, new.step_source,
                        new.step_id
                    )
                ) as is_known
        ) as first
$$;

-- Write what is known of commits. What differs is written down for lead time.
-- added: the steps that are new, where that is all that changed; null where more did.
create or replace function write_changes(shas text[], added event_key[]) returns void
language plpgsql as $$
begin
    with before as materialized (
        select known.*
        from unnest(shas) as wanted (sha)
        cross join
            lateral (
                select found.* from changes as found where found.sha = wanted.sha offset 0
            ) as known
    ),

    now as materialized (
        select * from known_changes(shas)
        where added is null
        union all
        select * from changes_with(added)
        where added is not null
    ),

    differing as materialized (
        select
            repository_url, sha, now.sha is null as is_gone,
            (before.step_source, before.step_id, before.place)
            is distinct from (now.step_source, now.step_id, now.place) as is_moved
        from before
        full join now using (repository_url, sha)
        where
            before is distinct from now
            -- What is new says nothing of the same commit elsewhere.
            and (added is null or now.sha is not null)
    ),

    gone as (
        delete from changes
        where ctid = any(array(
            select (
                select known.ctid from changes as known
                where
                    known.sha = differing.sha and known.repository_url = differing.repository_url
            )
            from differing
            where differing.is_gone
        ))
    ),

    noted as (
        insert into stale_changes (repository_url, sha, is_moved)
        select repository_url, sha, is_moved from differing
        where lead_time_follows()
    )

    insert into changes
    select now.*
    from now
    inner join differing using (repository_url, sha)
    on conflict (sha, repository_url) do update set
        step_source = excluded.step_source,
        step_id = excluded.step_id,
        place = excluded.place,
        committed_at = excluded.committed_at,
        opened_at = excluded.opened_at,
        merged_at = excluded.merged_at,
        is_bot = excluded.is_bot,
        is_merge = excluded.is_merge,
        paths = excluded.paths;
end
$$;

-- Bring what is known of commits up to date, by all that lists them.
create or replace function renew_changes(shas text[]) returns void
language sql as $$
    select write_changes(renew_changes.shas, null)
$$;

-- The same by steps that are new, where that is all that changed.
create or replace function add_changes(steps event_key[]) returns void
language plpgsql as $$
begin
    perform write_changes(array(select listed_commits(steps)), steps);
end
$$;
