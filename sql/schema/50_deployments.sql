-- Deployment frequency's table: one row per deployment.
create table if not exists deployments (
    deploy_source text not null,
    deploy_id text not null,
    deploy_name text not null,
    time_created timestamptz not null,
    environment_id text not null,
    artifact_id text,
    predicate text not null,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time, of the places that it is about or of all.
create index if not exists deployments_place
on deployments (deploy_name, environment_id, time_created);
create index if not exists deployments_time
on deployments (time_created) include (deploy_name, environment_id);

comment on table deployments is
'One row per deployment: a service''s start, upgrade or roll-back that is no mere restart.';
comment on column deployments.deploy_source is 'cd_source of the CDEvent.';
comment on column deployments.deploy_id is 'cd_id of the CDEvent.';
comment on column deployments.deploy_name is 'Id of the service.';
comment on column deployments.time_created is 'When the deployment was done.';
comment on column deployments.artifact_id is 'What was deployed, as a purl.';
comment on column deployments.predicate is 'deployed, upgraded or rolledback.';

alter table deployments owner to dora_owner;
grant select, insert, update, delete on deployments to dora_metrics;
grant select on deployments to dora_reader;
