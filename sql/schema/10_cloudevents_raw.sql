-- Every CloudEvent as its source sent it; one row per source and id.
create table if not exists cloudevents_raw (
    event_id bigint generated always as identity primary key,
    ce_source text not null,
    ce_id text not null,
    ce_type text not null,
    content jsonb not null,
    event_timestamp timestamptz not null,
    received_at timestamptz not null default now(),
    unique (ce_source, ce_id)
);

-- What arrived in a span of time; such an index costs nothing where rows come in its order.
create index if not exists cloudevents_raw_received
on cloudevents_raw using brin (received_at);

-- Of what nothing became: the latest reason of each source.
create index if not exists cloudevents_raw_unknown
on cloudevents_raw (md5(ce_source), event_id) where ce_type = 'dev.dora.unknown';

comment on table cloudevents_raw is
'Every CloudEvent as its source sent it; CDEvents are in cdevents_raw.';
comment on column cloudevents_raw.event_id is 'Order of arrival.';
comment on column cloudevents_raw.content is
'The whole event in CloudEvents JSON format; data that is no JSON is in data_base64.';
comment on column cloudevents_raw.event_timestamp is
'The event''s own time; the time of arrival where it has none.';
comment on column cloudevents_raw.received_at is 'Time of arrival.';

alter table cloudevents_raw owner to dora_owner;
grant select, insert on cloudevents_raw to dora_writer;
grant select on cloudevents_raw to dora_reader;
