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
            -- A uid that is new continues what was removed last.
            select removed.target into known_target
            from known_targets(service_id, environment_id, held) as removed
            where
                removed.environment_name = target_of.environment_name
                and removed.uid_source = target_of.source
                and removed.removed_at is not null
            order by
                removed.last_at desc, removed.last_revision desc, removed.last_source desc,
                removed.last_id desc
            limit 1;
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
