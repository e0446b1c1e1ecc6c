-- Which services the log names: one row per name, tool and environment with which it is named, for
-- the catalog may know it by another name only there.
create table if not exists named_services (
    service_name text not null,
    cd_source text not null,
    environment_name text not null,
    first_named_at timestamptz not null,
    team text,
    team_named_at timestamptz,
    primary key (service_name, cd_source, environment_name)
);

-- Which environments the log names: one row each, with the tier that its tools told last.
create table if not exists named_environments (
    environment_name text primary key,
    tier text,
    tier_named_at timestamptz
);

comment on table named_services is
'Which services the log names; written by a trigger of cdevents_raw in the same transaction.';
comment on column named_services.environment_name is 'Empty where it is named without.';
comment on column named_services.first_named_at is 'Time of the earliest event that names it so.';
comment on column named_services.team is 'customData.dora.team of the latest that tells one.';
comment on table named_environments is
'Which environments the log names; written by a trigger of cdevents_raw in the same transaction.';
comment on column named_environments.tier is 'customData.dora.tier of the latest that tells one.';

alter table named_services owner to dora_owner;
alter table named_environments owner to dora_owner;
grant select, insert, update on named_services, named_environments to dora_writer;
grant select on named_services, named_environments to dora_reader;
