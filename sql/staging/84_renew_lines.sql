-- The name under which a branch goes on: HEAD where it was ever reported as the default.
create or replace function branch_key(repository_url text, branch text) returns text
language plpgsql stable as $$
begin
    return case
        when exists (
            select from unnest(repository_urls(branch_key.repository_url)) as known (url)
            cross join
                lateral (
                    select from changes_merged as event
                    where
                        event.repository_url = known.url
                        and event.default_branch = branch_key.branch
                    limit 1
                ) as event
        ) then 'HEAD'
        else branch_key.branch
    end;
end
$$;

-- The rows of steps as the events say, without what they continue from.
create or replace function known_steps(keys event_key[]) returns setof steps
language sql stable as $$
    select
        event.cd_source, event.cd_id, repository.url, branch_key(repository.url, event.branch),
        event.merged_at,
        is_step(event),
        case when not event.reports_merge then event.before end,
        listed.last_place, event.total_commits > listed.count, false, null, null, null::integer
    from unnest(known_steps.keys) as key
    cross join lateral merged_change(key.cd_source, key.cd_id) as event
    cross join
        lateral (
            select max(found.place) as last_place, count(*) from change_commits as found
            where found.cd_source = event.cd_source and found.cd_id = event.cd_id
        ) as listed
    cross join lateral resolved_repository(event.repository_url) as repository (url)
$$;

-- Bring steps up to date, but for what they continue from. Returns those that differ.
create or replace function renew_lines(keys event_key[]) returns setof event_key
language plpgsql as $$
begin
    return query
    with gone as (
        delete from steps
        where ctid = any(array(
            select (
                select known.ctid from steps as known
                where known.step_source = key.cd_source and known.step_id = key.cd_id
            )
            from unnest(keys) as key
            where not exists (select from merged_change(key.cd_source, key.cd_id))
        ))
        returning step_source, step_id
    ),

    renewed as (
        insert into steps as known
        select * from known_steps(keys)
        on conflict (step_source, step_id) do update set
            repository_url = excluded.repository_url,
            branch_key = excluded.branch_key,
            merged_at = excluded.merged_at,
            is_step = excluded.is_step,
            before = excluded.before,
            last_place = excluded.last_place,
            is_incomplete = excluded.is_incomplete
        where
            (
                known.repository_url, known.branch_key, known.merged_at, known.is_step,
                known.before, known.last_place, known.is_incomplete
            )
            is distinct from (
                excluded.repository_url, excluded.branch_key, excluded.merged_at,
                excluded.is_step, excluded.before, excluded.last_place, excluded.is_incomplete
            )
        returning step_source, step_id
    )

    select * from gone
    union all
    select * from renewed;
end
$$;
