-- By which numbers hosts know repositories: one row per URL and number that a change.merged or a
-- service event has together.
create table if not exists repository_numbers (
    repository_url text not null,
    repository_number text not null,
    first_at timestamptz not null,
    primary key (repository_url, repository_number)
);

create index if not exists repository_numbers_number on repository_numbers (repository_number);

comment on table repository_numbers is
'By which numbers hosts such as GitHub know repositories, which keep them when they are renamed;
written by a trigger of cdevents_raw in the same transaction.';
comment on column repository_numbers.repository_url is 'In canonical form.';
comment on column repository_numbers.first_at is 'Time of the earliest event that has both.';

alter table repository_numbers owner to dora_owner;
grant select, insert, update, delete on repository_numbers to dora_writer;
grant select on repository_numbers to dora_metrics, dora_reader;

-- Which repositories were called otherwise before an event was recorded, which joined them by a
-- number, or parted them; almost always empty. Who applies the event writes them anew.
create table if not exists renamed_repositories (
    cd_source text not null,
    cd_id text not null,
    repository_url text not null,
    primary key (cd_source, cd_id, repository_url)
);

comment on table renamed_repositories is
'By which URLs repositories were known before an event: one row per event and URL; written by a
trigger of cdevents_raw in the same transaction.';

alter table renamed_repositories owner to dora_owner;
grant select, insert on renamed_repositories to dora_writer;
grant select on renamed_repositories to dora_metrics, dora_reader;

-- All URLs of a repository, the one that was reported first before others: renamed, it keeps its
-- number at its host. A URL that nobody knows is alone.
create or replace function repository_urls(url text) returns text[]
language plpgsql stable as $$
begin
    if not exists (select from repository_numbers as known where known.repository_url = url) then
        return array[url];
    end if;
    return (
        with recursive joined (repository_url) as (
            select url
            union
            select other.repository_url
            from joined
            inner join repository_numbers as own using (repository_url)
            inner join repository_numbers as other using (repository_number)
            where
                split_part(other.repository_url, '/', 3)
                = split_part(joined.repository_url, '/', 3)
        )

        select array_agg(dated.repository_url order by dated.first_at, dated.repository_url)
        from (
            select known.repository_url, min(known.first_at) as first_at
            from joined
            inner join repository_numbers as known using (repository_url)
            group by known.repository_url
        ) as dated
    );
end
$$;

-- The URL by which a repository is known here, whatever it is called now.
create or replace function resolved_repository(url text) returns text
language sql stable as $$
    select (repository_urls(resolved_repository.url))[1]
$$;

comment on function resolved_repository is
'The URL by which a repository is known here, whatever it is called now.';
