-- What runs now: one row per service, environment and target.
create table if not exists timeline_targets (
    service_id text not null,
    environment_id text not null,
    target text not null,
    environment_name text not null,
    uid_source text,
    last_source text,
    last_id text,
    last_at timestamptz not null,
    removed_at timestamptz,
    primary key (service_id, environment_id, target)
);

-- What may be continued by another uid.
create index if not exists timeline_targets_removed
on timeline_targets (service_id, environment_id, environment_name, uid_source, last_at)
where removed_at is not null and uid_source is not null;

comment on table timeline_targets is 'What runs now: one row per target.';
comment on column timeline_targets.environment_name is 'As told.';
comment on column timeline_targets.uid_source is
'Source of the events that tell its uid; null for what has none.';
comment on column timeline_targets.last_id is
'The service event by which it runs what it runs; null where only a removal is known.';
comment on column timeline_targets.last_at is 'Time of its last event, be it a removal.';
comment on column timeline_targets.removed_at is 'When it was removed; null while it runs.';

alter table timeline_targets owner to dora_owner;
grant select, insert, update, delete on timeline_targets to dora_writer;
grant select on timeline_targets to dora_reader;
