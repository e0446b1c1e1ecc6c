-- The targets of a service and environment: those that are held, and of the others what the table
-- has. While events are written, targets are held, for a row that one transaction updated often
-- takes long to find.
create or replace function known_targets(
    service_id text, environment_id text, held held_target[]
) returns setof held_target
language sql stable as $$
    select one.* from unnest(known_targets.held) as one
    union all
    select known.* from timeline_targets as known
    where
        known.service_id = known_targets.service_id
        and known.environment_id = known_targets.environment_id
        and not exists (
            select from unnest(known_targets.held) as one
            where one.target = known.target
        )
$$;

-- The target that a new uid continues (definition 6): of those whose last uid is removed, the one
-- that this happened to last. Uids that came before the last one are continued already, whatever is
-- heard of them since. No row where there is none.
create or replace function target_to_continue(
    service_id text, environment_id text, environment_name text, source text, held held_target[]
) returns table (target text)
language sql stable as $$
    select known.target
    from known_targets(
        target_to_continue.service_id, target_to_continue.environment_id, target_to_continue.held
    ) as known
    cross join lateral (
        select came.uid from timeline as came
        where
            (came.service_id, came.environment_id, came.target)
            = (known.service_id, known.environment_id, known.target)
            -- What is forgotten still stands in the index after that.
            and came.happened_at <= known.last_at
            and came.cd_id = (
                select begun.cd_id from timeline as begun
                where
                    (begun.uid, begun.service_id, begun.environment_name, begun.cd_source)
                    = (came.uid, came.service_id, came.environment_name, came.cd_source)
                order by begun.happened_at, begun.revision, begun.cd_id
                limit 1
            )
        order by came.happened_at desc, came.revision desc, came.cd_source desc, came.cd_id desc
        limit 1
    ) as newest
    cross join lateral (
        select said.happened_at, said.revision, said.cd_source, said.cd_id, said.is_removal
        from timeline as said
        where
            (said.uid, said.service_id, said.environment_name, said.cd_source)
            = (newest.uid, known.service_id, known.environment_name, known.uid_source)
            and said.happened_at <= known.last_at
        order by said.happened_at desc, said.revision desc, said.cd_source desc, said.cd_id desc
        limit 1
    ) as latest
    where
        known.environment_name = target_to_continue.environment_name
        and known.uid_source = target_to_continue.source
        and latest.is_removal
    order by
        latest.happened_at desc, latest.revision desc, latest.cd_source desc, latest.cd_id desc
    limit 1
$$;

-- The target of an event (definition 6), given all that happened before it.
-- held: targets of its service and environment, see known_targets
create or replace function target_of(
    service_id text, environment_id text, environment_name text, source text, uid text,
    repository_url text, held held_target[]
) returns text
language plpgsql stable as $$
declare
    known_target text;
    first_repository text;
begin
    if target_of.uid is not null then
        select known.target into known_target from timeline as known
        where
            known.uid = target_of.uid
            and known.service_id = target_of.service_id
            and known.environment_name = target_of.environment_name
            and known.cd_source = target_of.source
        -- While timelines are written again, what is forgotten still stands in the index; what was
        -- earlier does not.
        order by known.happened_at
        limit 1;
        if not found then
            select continued.target into known_target
            from target_to_continue(
                service_id, environment_id, environment_name, source, held
            ) as continued;
        end if;
        return coalesce(
            known_target,
            target_of.environment_name || ' uid ' || target_of.source || ' ' || target_of.uid
        );
    end if;

    if target_of.repository_url is null then
        select known.target into known_target
        from known_targets(service_id, environment_id, held) as known
        where
            known.environment_name = target_of.environment_name
            and known.uid_source is null
        order by
            known.last_at desc, known.last_revision desc, known.last_source desc,
            known.last_id desc
        limit 1;
        return coalesce(known_target, target_of.environment_name);
    end if;

    -- The first repository has no name in it, so that a second one changes nothing before it.
    select known.repository_url into first_repository from timeline as known
    where
        known.service_id = target_of.service_id
        and known.environment_id = target_of.environment_id
        and known.environment_name = target_of.environment_name
        and known.uid is null
        and known.repository_url is not null
    order by known.happened_at, known.revision, known.cd_source, known.cd_id
    limit 1;
    return target_of.environment_name || case
        when first_repository <> target_of.repository_url
            then ' repository ' || target_of.repository_url
        else ''
    end;
end
$$;

comment on function target_of is
'The target of a service event, given all that happened before it.';
