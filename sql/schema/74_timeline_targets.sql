-- What runs now: one row per service, environment and target.
create table if not exists timeline_targets (
    service_id text not null,
    environment_id text not null,
    target text not null,
    environment_name text not null,
    uid_source text,
    last_at timestamptz not null,
    last_revision bigint not null,
    last_source text not null,
    last_id text not null,
    run_source text,
    run_id text,
    rollout_source text,
    rollout_id text,
    removed_at timestamptz,
    primary key (service_id, environment_id, target)
);

comment on table timeline_targets is 'What runs now: one row per target.';
comment on column timeline_targets.environment_name is 'As reported.';
comment on column timeline_targets.uid_source is
'Source of the events that have its uid; null for what has none.';
comment on column timeline_targets.last_id is 'Its last event, be it a removal.';
comment on column timeline_targets.run_id is 'Its last event that is no removal.';
comment on column timeline_targets.rollout_id is 'Its last rollout.';
comment on column timeline_targets.removed_at is
'When it was removed after its last event that is no removal; null while it runs.';

alter table timeline_targets owner to dora_owner;
grant select, insert, update, delete on timeline_targets to dora_metrics;
grant select on timeline_targets to dora_reader;
