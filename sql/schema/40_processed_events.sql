-- How far each metric has followed the log; one row per metric.
create table if not exists processed_events (
    consumer text primary key,
    seq bigint not null default 0,
    updated_at timestamptz not null default now()
);

comment on table processed_events is
'How far the timeline has followed the log, and which metrics follow the timeline.';
comment on column processed_events.consumer is 'Name of the metric.';
comment on column processed_events.seq is
'All events of the log up to this place have been applied, by a tick of the PingSource.';

alter table processed_events owner to dora_owner;
grant select, insert, update, delete on processed_events to dora_metrics;
grant select on processed_events to dora_reader;
