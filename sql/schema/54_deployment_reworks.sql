-- Deployment rework rate's table: one row per deployment, with what makes it rework.
create table if not exists deployment_reworks (
    deploy_source text not null,
    deploy_id text not null,
    service_id text not null,
    environment_id text not null,
    deployed_at timestamptz not null,
    is_rollback boolean not null,
    is_during_incident boolean not null,
    is_unplanned boolean not null,
    is_rework boolean not null generated always as (
        is_rollback or is_during_incident or is_unplanned
    ) stored,
    primary key (deploy_source, deploy_id)
);

-- Every query reads a span of time of the places that it is about.
create index if not exists deployment_reworks_place
on deployment_reworks (service_id, environment_id, deployed_at) include (is_rework);

-- Whether a hotfix of a service is known.
create index if not exists deployment_reworks_unplanned
on deployment_reworks (service_id) where is_unplanned;

comment on table deployment_reworks is 'One row per deployment: whether it is rework, and why.';
comment on column deployment_reworks.is_during_incident is
'Whether an incident was open that belongs to an earlier deployment there.';
comment on column deployment_reworks.is_unplanned is
'Whether it was a hotfix, as its events or persons say.';

alter table deployment_reworks owner to dora_owner;
grant select, insert, update, delete on deployment_reworks to dora_metrics;
grant select on deployment_reworks to dora_reader;
