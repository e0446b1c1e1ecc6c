-- What a commit of a step reaches and a service and environment did not, with all that it reaches:
-- runs of steps' commits.
create or replace function walk(
    service_id text, environment_id text, repository_url text, source text, id text, place integer
)
returns table (step_source text, step_id text, after_place integer, place integer)
language sql stable as $$
    with recursive passed (step_source, step_id, place, after_place) as (
        select walk.source, walk.id, walk.place, closed.place
        from (
            select max(mark.place) as place
            from marks_in(
                walk.service_id, walk.environment_id, walk.repository_url, walk.source, walk.id
            ) as mark
            where mark.kind = 'closed'
        ) as closed
        union
        select step.parent_source, step.parent_id, step.parent_place, closed.place
        from passed
        cross join lateral step_of(passed.step_source, passed.step_id) as step
        cross join
            lateral (
                select max(mark.place) as place
                from marks_in(
                    walk.service_id, walk.environment_id, walk.repository_url, step.parent_source,
                    step.parent_id
                ) as mark
                where mark.kind = 'closed'
            ) as closed
        where passed.after_place is null and step.parent_id is not null
    )

    select passed.step_source, passed.step_id, coalesce(passed.after_place, 0), max(passed.place)
    from passed
    where passed.place > coalesce(passed.after_place, 0)
    group by passed.step_source, passed.step_id, passed.after_place
$$;
