-- What persons say otherwise: one row per deployment or incident, as the latest correction has it.
create table if not exists corrections (
    kind text not null check (kind in ('deployment', 'incident')),
    source text not null,
    id text not null,
    counts boolean,
    failed boolean,
    unplanned boolean,
    commit_name text,
    repository_url text,
    service_name text,
    corrected_by text,
    because text,
    corrected_at timestamptz not null,
    primary key (kind, source, id)
);

comment on table corrections is
'What persons say otherwise of deployments and incidents: one row each, as the latest has it.';
comment on column corrections.kind is 'deployment or incident.';
comment on column corrections.source is 'cd_source of its CDEvent.';
comment on column corrections.id is
'Of a deployment cd_id of its CDEvent, of an incident cd_subject_id.';
comment on column corrections.counts is 'Whether it counts; null where nothing else is said.';
comment on column corrections.corrected_by is 'Who says so.';

alter table corrections owner to dora_owner;
grant select, insert, update, delete on corrections to dora_writer;
grant select on corrections to dora_reader;
