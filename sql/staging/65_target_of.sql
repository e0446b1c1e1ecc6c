-- The target of an event (definition 6), given all that happened before it.
create or replace function target_of(
    service_id text, environment_id text, environment_name text, source text, uid text,
    repository_url text
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
        limit 1;
        if not found then
            -- A uid that is new continues what was removed last.
            select removed.target into known_target from timeline_targets as removed
            where
                removed.service_id = target_of.service_id
                and removed.environment_id = target_of.environment_id
                and removed.environment_name = target_of.environment_name
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
        select known.target into known_target from timeline_targets as known
        where
            known.service_id = target_of.service_id
            and known.environment_id = target_of.environment_id
            and known.environment_name = target_of.environment_name
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
