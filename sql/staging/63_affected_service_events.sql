-- The service events of which given artifacts and changes change the version.
create or replace function affected_service_events(sources text[], ids text[])
returns table (cd_source text, cd_id text)
language plpgsql stable as $$
#variable_conflict use_column
declare
    naming event_key[];
begin
    if not exists (select from timeline) then
        return;
    end if;
    naming := array(
        select (named.cd_source, named.cd_id)::event_key
        from naming_service_events(sources, ids) as named
    );
    if naming = '{}' then
        return;
    end if;
    return query
    select applied.cd_source, applied.cd_id
    from unnest(naming) as named
    cross join lateral (
        select known.* from timeline as known
        where known.cd_source = named.cd_source and known.cd_id = named.cd_id
        limit 1
    ) as applied
    cross join lateral (
        select known.* from service_events as known
        where known.cd_source = named.cd_source and known.cd_id = named.cd_id
        limit 1
    ) as fact
    cross join lateral corrected_event(fact) as event
    cross join lateral version_of(event, applied.service_id) as version
    where
        not applied.is_removal
        and (version.digest, version.commits, version.repositories)
        is distinct from (applied.digest, applied.commits, array(
            select origin.repository_url from timeline_repositories as origin
            where
                origin.cd_id = applied.cd_id
                and origin.cd_source = applied.cd_source
            order by origin.repository_url
        ));
end
$$;

comment on function affected_service_events is
'The service events of which given artifacts and changes change the version.';
