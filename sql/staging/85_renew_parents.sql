-- The steps after some in their branches.
create or replace function steps_after(keys event_key[]) returns setof event_key
language sql stable as $$
    select (later.step_source, later.step_id)::event_key
    from unnest(steps_after.keys) as key
    cross join lateral step_of(key.cd_source, key.cd_id) as step
    cross join
        lateral (
            select found.step_source, found.step_id from steps as found
            where
                (found.repository_url, found.branch_key) = (step.repository_url, step.branch_key)
                and found.is_step
                and (found.merged_at, found.step_source, found.step_id)
                > (step.merged_at, step.step_source, step.step_id)
            order by found.merged_at, found.step_source, found.step_id
            limit 1
        ) as later
$$;

-- The steps that say that they continue from one of these commits.
create or replace function steps_from(shas text[]) returns setof event_key
language sql stable as $$
    select (step.step_source, step.step_id)::event_key
    from unnest(steps_from.shas) as wanted (sha)
    cross join
        lateral (
            select found.* from steps as found where found.before = wanted.sha offset 0
        ) as step
$$;

-- Find anew which commits steps continue from: the one that they say, else the last one of the step
-- before in the branch. Returns those of which it is another one.
create or replace function renew_parents(keys event_key[]) returns setof event_key
language plpgsql as $$
begin
    return query
    insert into steps as known
    select
        step.step_source, step.step_id, step.repository_url, step.branch_key, step.merged_at,
        step.is_step, step.before, step.last_place, step.is_incomplete,
        step.is_step and step.before is not null and named.step_id is null,
        coalesce(named.step_source, earlier.step_source),
        coalesce(named.step_id, earlier.step_id),
        coalesce(named.place, earlier.last_place)
    from unnest(keys) as key
    cross join lateral step_of(key.cd_source, key.cd_id) as step
    left join lateral (
        select found.step_source, found.step_id, found.place from changes as found
        where found.sha = step.before and found.repository_url = step.repository_url
        limit 1
    ) as named on step.is_step
    left join lateral (
        select found.step_source, found.step_id, found.last_place from steps as found
        where
            (found.repository_url, found.branch_key) = (step.repository_url, step.branch_key)
            and found.is_step
            and (found.merged_at, found.step_source, found.step_id)
            < (step.merged_at, step.step_source, step.step_id)
        order by found.merged_at desc, found.step_source desc, found.step_id desc
        limit 1
    ) as earlier on step.is_step and named.step_id is null
    on conflict (step_source, step_id) do update set
        is_gap = excluded.is_gap,
        parent_source = excluded.parent_source,
        parent_id = excluded.parent_id,
        parent_place = excluded.parent_place
    where
        (known.is_gap, known.parent_source, known.parent_id, known.parent_place)
        is distinct from
        (excluded.is_gap, excluded.parent_source, excluded.parent_id, excluded.parent_place)
    returning step_source, step_id;
end
$$;
