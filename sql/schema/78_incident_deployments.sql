-- Which deployment an incident belongs to, and why: one row per incident.
create table if not exists incident_deployments (
    incident_source text not null,
    incident_id text not null,
    deploy_source text,
    deploy_id text,
    why text not null,
    primary key (incident_source, incident_id)
);

-- The incidents of a deployment.
create index if not exists incident_deployments_deployment
on incident_deployments (deploy_source, deploy_id) where deploy_id is not null;

-- Those that belong to none.
create index if not exists incident_deployments_none
on incident_deployments (incident_source, incident_id) where deploy_id is null;

comment on table incident_deployments is 'Which deployment an incident belongs to: one row each.';
comment on column incident_deployments.deploy_id is 'Null where it belongs to none.';
comment on column incident_deployments.why is 'A sentence: why it belongs there, or to none.';

alter table incident_deployments owner to dora_owner;
grant select, insert, update, delete on incident_deployments to dora_metrics;
grant select on incident_deployments to dora_reader;
