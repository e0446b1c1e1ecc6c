-- Bring what is known of commits up to date. What differs is written down for lead time.
create or replace function renew_changes(shas text[]) returns void
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
    ),

    differing as materialized (
        select
            repository_url, sha, now.sha is null as is_gone,
            (before.step_source, before.step_id, before.place)
            is distinct from (now.step_source, now.step_id, now.place) as is_moved
        from before
        full join now using (repository_url, sha)
        where before is distinct from now
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
