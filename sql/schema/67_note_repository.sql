-- Keep by which number an event knows its repository. Looked up first, for most bring nothing new.
create or replace function note_repository(event cdevents_raw) returns void
language plpgsql as $$
declare
    url text := canonical_repository(
        coalesce(event.repository_id, event.content #>> '{customData,dora,repository}')
    );
    number text := event.content #>> '{customData,dora,repositoryId}';
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
        insert into repository_numbers as known values (url, number, event.cd_timestamp)
        on conflict (repository_url, repository_number) do update set
            first_at = least(known.first_at, excluded.first_at);
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
    end if;
end
$$;
