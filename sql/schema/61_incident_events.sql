-- What the log says of incidents: one row per incident.detected, reported and resolved.
create table if not exists incident_events (
    cd_source text not null,
    cd_id text not null,
    incident_id text not null,
    predicate text not null,
    happened_at timestamptz not null,
    service_name text,
    service_names text[],
    environment_name text,
    assumed_environment boolean not null,
    artifact text,
    description text,
    merged_into text,
    alert text,
    primary key (cd_source, cd_id)
);

alter table incident_events add column if not exists alert text;

-- The detections and resolutions of an incident, and the earliest event that says something.
create index if not exists incident_events_predicate
on incident_events (cd_source, incident_id, predicate, happened_at);
create index if not exists incident_events_service
on incident_events (cd_source, incident_id, happened_at, cd_id)
where coalesce(service_name, service_names[1]) is not null;
create index if not exists incident_events_placed
on incident_events (cd_source, incident_id, assumed_environment, happened_at, cd_id)
where environment_name is not null;
create index if not exists incident_events_artifact
on incident_events (cd_source, incident_id, happened_at, cd_id) where artifact is not null;
create index if not exists incident_events_description
on incident_events (cd_source, incident_id, happened_at, cd_id) where description is not null;
create index if not exists incident_events_merged
on incident_events (cd_source, incident_id) where merged_into is not null;

-- When a service was first named.
create index if not exists incident_events_named
on incident_events (cd_source, service_name, happened_at);

-- The detections and resolutions of an alert, of whichever incidents.
create index if not exists incident_events_alert
on incident_events (cd_source, alert, predicate, happened_at) where alert is not null;

comment on table incident_events is
'What the log says of incidents: one row per event; written by a trigger of cdevents_raw in the
same transaction.';
comment on column incident_events.predicate is 'detected, reported or resolved.';
comment on column incident_events.service_name is
'As reported; the catalog may know it by another.';
comment on column incident_events.service_names is
'customData.dora.serviceNames: all names under which the catalog may know it.';
comment on column incident_events.assumed_environment is
'customData.dora.assumedEnvironment: whether the environment is only its tool''s default.';
comment on column incident_events.artifact is 'artifactId in canonical form.';
comment on column incident_events.merged_into is
'customData.dora.mergedInto: the incident that it became a part of.';
comment on column incident_events.alert is
'customData.dora.alert: of what it is an incident again and again; a resolution ends all that are
open.';

alter table incident_events owner to dora_owner;
grant select, insert, delete on incident_events to dora_writer;
grant select on incident_events to dora_metrics, dora_reader;

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
grant select on named_deployments to dora_metrics, dora_reader;

-- What an event of the log says of an incident; no row for others.
create or replace function incident_fact(event cdevents_raw) returns setof incident_events
language sql stable as $$
    select
        event.cd_source,
        event.cd_id,
        event.cd_subject_id,
        event.cd_predicate,
        event.cd_timestamp,
        event.service_id,
        nullif(array(
            select jsonb_array_elements_text(event.content #> '{customData,dora,serviceNames}')
            where jsonb_typeof(event.content #> '{customData,dora,serviceNames}') = 'array'
        ), '{}'),
        event.environment_id,
        coalesce(event.content #> '{customData,dora,assumedEnvironment}' = 'true', false),
        canonical_artifact(event.artifact_id),
        event.content #>> '{subject,content,description}',
        event.content #>> '{customData,dora,mergedInto}',
        event.content #>> '{customData,dora,alert}'
    where event.cd_subject = 'incident'
$$;

-- Which deployments an event of an incident names; no row for others.
create or replace function named_deployment_facts(event cdevents_raw)
returns setof named_deployments
language sql stable as $$
    select
        event.cd_source, event.cd_id, named.deployment_id, min(named.place)::integer,
        event.cd_subject_id
    from (
        select event.content #>> '{customData,dora,deployment}' as deployment_id, 0 as place
        union all
        select coalesce(link #>> '{target,contextId}', link #>> '{from,contextId}'), number
        from jsonb_array_elements(coalesce(event.content #> '{context,links}', '[]'))
            with ordinality as linked (link, number)
    ) as named
    where event.cd_subject = 'incident' and named.deployment_id is not null
    group by named.deployment_id
$$;
