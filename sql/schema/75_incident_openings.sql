-- When incidents were open: one row per incident and interval.
create table if not exists incident_openings (
    incident_source text not null,
    incident_id text not null,
    begins_at timestamptz not null,
    ends_at timestamptz,
    primary key (incident_source, incident_id, begins_at)
);

comment on table incident_openings is 'When incidents were open: one row per interval.';
comment on column incident_openings.ends_at is 'Null while it is open.';

alter table incident_openings owner to dora_owner;
grant select, insert, update, delete on incident_openings to dora_writer;
grant select on incident_openings to dora_reader;
