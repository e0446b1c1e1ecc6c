-- Which services and environments the log knows: one row each. What a service tells of its team is
-- that of its latest event.
create table if not exists services (
    service_id text primary key,
    team text,
    told_at timestamptz not null,
    told_by text not null
);

create table if not exists service_repositories (
    service_id text not null,
    repository_id text not null,
    primary key (service_id, repository_id)
);

create table if not exists environments (
    environment_id text primary key
);

comment on table services is
'Which services the log knows; filled by a trigger of cdevents_raw in the same transaction.';
comment on column services.team is 'customData.dora.team of its latest event that has one.';
comment on column services.told_by is 'cd_id of that event.';
comment on table service_repositories is
'customData.dora.repository of a service''s events; filled by the same trigger.';
comment on table environments is 'Which environments the log knows; filled by the same trigger.';

alter table services owner to dora_owner;
alter table service_repositories owner to dora_owner;
alter table environments owner to dora_owner;
grant select, insert, update on services, service_repositories, environments to dora_writer;
grant select on services, service_repositories, environments to dora_reader;
