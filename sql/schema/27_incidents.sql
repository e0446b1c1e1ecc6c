-- What the log tells of incidents: one row per incident of which the detection is known.
create table if not exists incidents (
    incident_source text not null,
    incident_id text not null,
    detected_at timestamptz not null,
    resolved_at timestamptz,
    service_id text,
    environment_id text,
    artifact_id text,
    description text,
    primary key (incident_source, incident_id)
);

-- The incidents of a service, or of an artifact, after a deployment; those open at a moment.
create index if not exists incidents_service
on incidents (service_id, environment_id, detected_at);
create index if not exists incidents_artifact
on incidents (environment_id, artifact_id, detected_at) where artifact_id is not null;
create index if not exists incidents_open
on incidents (service_id, environment_id, (coalesce(resolved_at, 'infinity')));
create index if not exists incidents_time on incidents (detected_at);

comment on table incidents is
'What the log tells of incidents; filled by a trigger of cdevents_raw in the same transaction.';
comment on column incidents.incident_source is 'cd_source of its CDEvents.';
comment on column incidents.incident_id is 'cd_subject_id of its CDEvents.';
comment on column incidents.detected_at is 'When it was first detected or reported.';
comment on column incidents.resolved_at is 'When it was last resolved; null while it is open.';

alter table incidents owner to dora_owner;
grant select, insert, delete on incidents to dora_writer;
grant select on incidents to dora_reader;
