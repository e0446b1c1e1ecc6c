-- What the catalog says of services. All tables catalog_… are of one catalog: the one that the
-- metrics were computed with.
create table if not exists catalog_services (
    service_id text primary key,
    team text
);

-- By which names services are reported: one row each. Where tool and environment are empty, any.
create table if not exists catalog_aliases (
    name text not null,
    tool text not null,
    environment text not null,
    service_id text not null,
    primary key (name, tool, environment)
);

-- From which repositories services come.
create table if not exists catalog_repositories (
    service_id text not null,
    repository_url text not null,
    paths text[],
    primary key (service_id, repository_url)
);

-- Which environments are production for a service that says so; then no others are.
create table if not exists catalog_production (
    service_id text not null,
    environment_id text not null,
    primary key (service_id, environment_id)
);

comment on table catalog_services is 'Which services the catalog knows; one row each.';
comment on table catalog_aliases is 'By which names services are reported; one row each.';
comment on column catalog_aliases.tool is
'A word of the source of the events, or how the source begins; empty for all tools.';
comment on column catalog_aliases.environment is
'As reported. Of events that name none or only assume one, it is their environment; empty for all.';
comment on table catalog_repositories is 'From which repositories services come; one row each.';
comment on column catalog_repositories.repository_url is 'In canonical form.';
comment on column catalog_repositories.paths is
'Patterns as in .gitignore of what in it is the service''s; null for all of it.';
comment on table catalog_production is
'Which environments are production for a service that says so; one row each.';

alter table catalog_services owner to dora_owner;
alter table catalog_aliases owner to dora_owner;
alter table catalog_repositories owner to dora_owner;
alter table catalog_production owner to dora_owner;
grant select, insert, delete on
catalog_services, catalog_aliases, catalog_repositories, catalog_production to dora_metrics;
grant select on
catalog_services, catalog_aliases, catalog_repositories, catalog_production to dora_reader;
