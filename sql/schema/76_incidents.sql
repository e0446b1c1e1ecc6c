-- Incidents: one row per incident of which the detection is known, and that is no part of another.
create table if not exists incidents (
    incident_source text not null,
    incident_id text not null,
    detected_at timestamptz not null,
    resolved_at timestamptz,
    service_id text,
    environment_id text,
    assumed_environment boolean not null,
    artifact text,
    digest text,
    tag_key text,
    description text,
    counts boolean not null,
    primary key (incident_source, incident_id)
);

-- Those that a deployment may have caused: of its service, or that name what it deployed.
create index if not exists incidents_service
on incidents (service_id, detected_at) where service_id is not null;
create index if not exists incidents_digest
on incidents (digest, detected_at) where digest is not null;
create index if not exists incidents_tag
on incidents (tag_key, detected_at) where tag_key is not null;
create index if not exists incidents_artifact
on incidents (artifact, detected_at) where artifact is not null;

-- Every query reads a span of time. An incident by its id alone, of an environment.
create index if not exists incidents_time on incidents (detected_at);
create index if not exists incidents_open on incidents (detected_at) where resolved_at is null;
create index if not exists incidents_id on incidents (incident_id);
create index if not exists incidents_environment on incidents (environment_id);

comment on table incidents is 'Incidents: one row each, as all their events have them.';
comment on column incidents.incident_source is 'cd_source of its CDEvents.';
comment on column incidents.incident_id is 'cd_subject_id of its CDEvents.';
comment on column incidents.detected_at is 'When it was first detected or reported.';
comment on column incidents.resolved_at is 'When it was last resolved; null while it is open.';
comment on column incidents.service_id is 'As the catalog knows it.';
comment on column incidents.environment_id is 'As the catalog knows it.';
comment on column incidents.assumed_environment is
'Whether its environment is only its tool''s default.';
comment on column incidents.artifact is 'What it names as its cause, in canonical form.';
comment on column incidents.counts is 'Whether no correction says that it does not.';

alter table incidents owner to dora_owner;
grant select, insert, update, delete on incidents to dora_metrics;
grant select on incidents to dora_reader;
