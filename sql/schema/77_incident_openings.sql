-- When incidents were open: one row per incident and interval.
create table if not exists incident_openings (
    incident_source text not null,
    incident_id text not null,
    begins_at timestamptz not null,
    ends_at timestamptz,
    service_id text,
    environment_id text,
    primary key (incident_source, incident_id, begins_at)
);

-- Those of a service and environment that were open at a moment and had not been for long.
create index if not exists incident_openings_place
on incident_openings (service_id, environment_id, begins_at) include (ends_at)
where service_id is not null;

comment on table incident_openings is 'When incidents were open: one row per interval.';
comment on column incident_openings.ends_at is 'Null while it is open.';
comment on column incident_openings.service_id is
'Of the deployment that the incident belongs to; null where it belongs to none.';

alter table incident_openings owner to dora_owner;
grant select, insert, update, delete on incident_openings to dora_metrics;
grant select on incident_openings to dora_reader;
