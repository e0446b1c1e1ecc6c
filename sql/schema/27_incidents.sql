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

alter table incidents add column if not exists assumed_environment boolean not null default false;
alter table incidents add column if not exists artifact text;
alter table incidents add column if not exists digest text;
alter table incidents add column if not exists tag_key text;
alter table incidents add column if not exists merged_into text;
alter table incidents add column if not exists counts boolean not null default true;

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
comment on column incidents.assumed_environment is
'Whether its environment is only its tool''s default.';
comment on column incidents.artifact is 'What it names as its cause, in canonical form.';
comment on column incidents.merged_into is 'The incident that it became a part of.';
comment on column incidents.counts is 'Whether no correction says that it does not.';

alter table incidents owner to dora_owner;
grant select, insert, delete on incidents to dora_writer;
grant select on incidents to dora_reader;
