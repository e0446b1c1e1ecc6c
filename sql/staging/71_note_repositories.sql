-- Whether an event says that a service comes from a repository.
create or replace function is_origin(service_id text, repository_url text) returns boolean
language sql stable as $$
    select exists (
        select from timeline_repositories as known
        where
            known.service_id = is_origin.service_id
            and known.repository_url = is_origin.repository_url
    )
$$;

-- Note from which repositories services come, as their events say it now; gone are those that are
-- in no timeline any more. Returns the services that come from another repository by that, or no
-- longer from one.
create or replace function note_repositories(events timeline_event[], gone event_key[])
returns text[]
language plpgsql as $$
declare
    moved_services text[] := array(
        select distinct event.service_id
        from unnest(events) as event
        cross join unnest(event.repositories) as named (url)
        where not is_origin(event.service_id, named.url)
    );
    parted timeline_repositories[];
begin
    with said as materialized (
        select event.cd_source, event.cd_id, event.service_id, event.repositories
        from unnest(events) as event
        union all
        select key.cd_source, key.cd_id, '', '{}' from unnest(gone) as key
    ),

    forgotten as (
        delete from timeline_repositories as known
        using said
        where
            (known.cd_id, known.cd_source) = (said.cd_id, said.cd_source)
            and (
                known.service_id <> said.service_id
                or known.repository_url <> all(said.repositories)
            )
        returning known.*
    )

    select array_agg(forgotten::timeline_repositories) into parted from forgotten;
    insert into timeline_repositories (service_id, repository_url, cd_source, cd_id)
    select event.service_id, named.url, event.cd_source, event.cd_id
    from unnest(events) as event
    cross join unnest(event.repositories) as named (url)
    on conflict do nothing;
    return moved_services || array(
        select distinct other.service_id from unnest(parted) as other
        where not is_origin(other.service_id, other.repository_url)
    );
end
$$;

-- The service events of services of which the version is another now, for a tag that may be a
-- commit.
create or replace function retagged_events(services text[])
returns table (cd_source text, cd_id text)
language sql stable as $$
    select known.cd_source, known.cd_id
    from timeline as known
    inner join service_events as fact using (cd_source, cd_id)
    cross join lateral corrected_event(fact) as event
    cross join lateral version_of(event, known.service_id) as version
    where
        known.service_id = any(retagged_events.services)
        and not known.is_removal
        and exists (
            select from unnest(event.images) as image where commit_of_tag(image) is not null
        )
        and version.commits <> known.commits
$$;
