-- What the catalog calls environments: one row per name as reported that means another one.
create table if not exists catalog_environments (
    environment_name text primary key,
    environment_id text not null
);

-- The names of an environment.
create index if not exists catalog_environments_id on catalog_environments (environment_id);

-- Of which tier the catalog says that environments are.
create table if not exists catalog_tiers (
    environment_id text primary key,
    tier text not null check (tier in ('production', 'staging', 'testing', 'development'))
);

comment on table catalog_environments is 'What the catalog calls environments; one row per name.';
comment on column catalog_environments.environment_name is
'As reported; empty for what names none or only assumes one.';
comment on table catalog_tiers is 'Of which tier the catalog says that environments are.';

alter table catalog_environments owner to dora_owner;
alter table catalog_tiers owner to dora_owner;
grant select, insert, delete on catalog_environments, catalog_tiers to dora_metrics;
grant select on catalog_environments, catalog_tiers to dora_reader;
