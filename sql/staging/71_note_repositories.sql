-- Note from which repositories a service comes, as one of its events says it now. Returns the
-- services that come from another repository by that, or no longer from one.
create or replace function note_repositories(
    service_id text, source text, id text, repositories text[]
) returns text[]
language plpgsql as $$
declare
    gone record;
    url text;
    moved_services text[] := '{}';
begin
    for gone in
        delete from timeline_repositories as known
        where
            (known.cd_id, known.cd_source) = (note_repositories.id, note_repositories.source)
            and (
                known.service_id <> note_repositories.service_id
                or known.repository_url <> all(note_repositories.repositories)
            )
        returning known.service_id, known.repository_url
    loop
        if not is_origin(gone.service_id, gone.repository_url) then
            moved_services := moved_services || gone.service_id;
        end if;
    end loop;
    foreach url in array note_repositories.repositories loop
        if not is_origin(note_repositories.service_id, url) then
            moved_services := moved_services || note_repositories.service_id;
        end if;
        insert into timeline_repositories (service_id, repository_url, cd_source, cd_id)
        values (
            note_repositories.service_id, url, note_repositories.source,
            note_repositories.id
        )
        on conflict do nothing;
    end loop;
    return moved_services;
end
$$;

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
