-- Change failure rate's table: one row per deployment, with whether and why it failed.
create table if not exists deployment_failures (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    is_rollback boolean not null,
    is_failed boolean not null,
    incidents jsonb,
    rolled_back_by text,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time of the places that it is about.
create index if not exists deployment_failures_place
on deployment_failures (service_id, environment_id, deployed_at)
include (is_rollback, is_failed);

comment on table deployment_failures is 'One row per deployment: whether it failed, and why.';
comment on column deployment_failures.incidents is
'The incidents that count for it: a list of source, id and why.';
comment on column deployment_failures.rolled_back_by is
'deploy_id of the first rollback that took it back.';

alter table deployment_failures owner to dora_owner;
grant select, insert, update, delete on deployment_failures to dora_metrics;
grant select on deployment_failures to dora_reader;
