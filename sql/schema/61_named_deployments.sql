-- Which deployments incidents name by id: one row per event of an incident and deployment.
create table if not exists named_deployments (
    cd_source text not null,
    cd_id text not null,
    deployment_id text not null,
    place integer not null,
    incident_id text not null,
    primary key (cd_source, cd_id, deployment_id)
);

-- Which incidents name a deployment, and whether one does already.
create index if not exists named_deployments_deployment
on named_deployments (deployment_id, cd_source, incident_id);

comment on table named_deployments is
'Which deployments incidents name; written by a trigger of cdevents_raw in the same transaction.';
comment on column named_deployments.deployment_id is
'customData.dora.deployment, or where a link of the event leads: id of a CDEvent.';
comment on column named_deployments.place is
'0 for customData.dora.deployment, the number of the link for others.';

alter table named_deployments owner to dora_owner;
grant select, insert, delete on named_deployments to dora_writer;
grant select on named_deployments to dora_reader;
