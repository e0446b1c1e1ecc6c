-- Note by which URLs repositories are no longer known since an event.
create or replace function note_renamed(event cdevents_raw, urls text[]) returns void
language sql as $$
    insert into renamed_repositories
    select (note_renamed.event).cd_source, (note_renamed.event).cd_id, url
    from unnest(note_renamed.urls) as url
    on conflict do nothing
$$;

-- Keep by which number an event knows its repository. Looked up first, for most bring nothing new.
create or replace function note_repository(event cdevents_raw) returns void
language plpgsql as $$
declare
    url text := canonical_repository(
        coalesce(event.repository_id, event.content #>> '{customData,dora,repository}')
    );
    number text := event.content #>> '{customData,dora,repositoryId}';
    former text[];
    present text[];
begin
    if
        event.cd_subject in ('change', 'service')
        and url <> ''
        and number <> ''
        and not exists (
            select from repository_numbers as known
            where
                known.repository_url = url
                and known.repository_number = number
                and known.first_at <= event.cd_timestamp
        )
    then
        former := repository_urls(url);
        insert into repository_numbers as known values (url, number, event.cd_timestamp)
        on conflict (repository_url, repository_number) do update set
            first_at = least(known.first_at, excluded.first_at);
        present := repository_urls(url);
        if former <> present then
            perform note_renamed(event, present[2:]);
        end if;
    end if;
end
$$;

-- Forget by which number an event that was replaced knew its repository; others may know it, too.
create or replace function forget_repository(event cdevents_raw) returns void
language plpgsql as $$
declare
    url text := canonical_repository(
        coalesce(event.repository_id, event.content #>> '{customData,dora,repository}')
    );
    number text := event.content #>> '{customData,dora,repositoryId}';
    former text[] := repository_urls(url);
begin
    delete from repository_numbers where repository_url = url and repository_number = number;
    if found then
        insert into repository_numbers
        select url, number, min(other.happened_at)
        from (
            select change.merged_at as happened_at from changes_merged as change
            where change.repository_url = url and change.repository_number = number
            union all
            select service.happened_at from service_events as service
            where service.repository_url = url and service.repository_number = number
        ) as other
        having count(*) > 0;
        if former <> repository_urls(url) then
            perform note_renamed(event, former[:1]);
        end if;
    end if;
end
$$;
