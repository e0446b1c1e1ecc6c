-- To which environments services were ever deployed: one row each.
create table if not exists deployed_environments (
    service_id text not null,
    environment_id text not null,
    tier text,
    primary key (service_id, environment_id)
);

-- Of which tier an environment was when incidents were attributed, where a tool reports one.
create table if not exists attributed_tiers (
    environment_id text primary key,
    tier text
);

-- The services of an environment.
create index if not exists deployed_environments_environment
on deployed_environments (environment_id);

comment on table deployed_environments is
'To which environments services were ever deployed, as the timeline has it: one row each.';
comment on column deployed_environments.tier is
'The environment''s tier for this service; null where it is not known.';
comment on table attributed_tiers is
'The tier of environments, where a tool reports one, by which incidents were attributed: one row
each.';

alter table deployed_environments owner to dora_owner;
alter table attributed_tiers owner to dora_owner;
grant select, insert, update, delete on deployed_environments to dora_metrics;
grant select, insert, update, delete on attributed_tiers to dora_metrics;
grant select on deployed_environments, attributed_tiers to dora_reader;
