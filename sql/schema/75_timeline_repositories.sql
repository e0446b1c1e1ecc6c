-- From which repositories a service comes: one row per service event and repository that it names
-- or that an artifact of it was made of.
create table if not exists timeline_repositories (
    service_id text not null,
    repository_url text not null,
    cd_source text not null,
    cd_id text not null,
    primary key (service_id, repository_url, cd_source, cd_id)
);

create index if not exists timeline_repositories_event
on timeline_repositories (cd_id, cd_source);

comment on table timeline_repositories is
'From which repositories a service comes: one row per service event and repository.';

alter table timeline_repositories owner to dora_owner;
grant select, insert, delete on timeline_repositories to dora_metrics;
grant select on timeline_repositories to dora_reader;
