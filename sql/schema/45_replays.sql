-- How far each replay of kept events is; one row per arguments it was called with.
create table if not exists replays (
    arguments text primary key,
    after_event_id bigint not null default 0,
    until_event_id bigint not null,
    done_count bigint not null default 0,
    started_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz
);

comment on table replays is 'How far each run of `dora replay` is.';
comment on column replays.arguments is 'What is replayed, as JSON.';
comment on column replays.after_event_id is 'All events up to this one have been sent.';
comment on column replays.until_event_id is
'The newest event when it began; later ones are not sent.';
comment on column replays.done_count is 'How many events have been sent.';
comment on column replays.finished_at is 'Null while it runs or is interrupted.';

alter table replays owner to dora_owner;
grant select, insert, update on replays to dora_writer;
grant select on replays to dora_reader;
