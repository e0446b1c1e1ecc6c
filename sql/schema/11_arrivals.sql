-- How many events arrived, counted as they do, so that nobody has to count the kept ones. Who
-- writes at the same time counts in rows of different slots, and so waits for nobody.
create table if not exists arrivals (
    kept_in text not null check (kept_in in ('cloudevents_raw', 'cdevents_raw', 'dead_letters')),
    source text not null,
    type text not null,
    day date not null,
    slot integer not null,
    events bigint not null,
    events_ahead bigint not null,
    most_seconds_ahead double precision not null,
    last_at timestamptz not null
) with (fillfactor = 50);

-- By digest, because a source may be too long for an index.
create unique index if not exists arrivals_key
on arrivals (day, slot, kept_in, md5(source || ' ' || type));

comment on table arrivals is
'How many events of each source and type arrived on each day; sum up the slots.';
comment on column arrivals.kept_in is 'The table that keeps them.';
comment on column arrivals.day is 'Of their arrival, in UTC.';
comment on column arrivals.slot is 'Which of those who write at the same time counted them.';
comment on column arrivals.events is
'How many arrived that were not there yet; of dead letters, how many times one was refused.';
comment on column arrivals.events_ahead is
'How many of the log''s CDEvents say that they happened more than a minute after they arrived.';
comment on column arrivals.most_seconds_ahead is 'How long after, at most; 0 where none does.';

alter table arrivals owner to dora_owner;
grant select, insert, update on arrivals to dora_writer;
grant select on arrivals to dora_reader;

-- Count events of a source and type that arrived at a moment.
create or replace function note_arrivals(
    kept_in text, source text, type text, arrived_at timestamptz, events bigint,
    events_ahead bigint default 0, most_seconds_ahead double precision default 0
) returns void
language plpgsql as $$
#variable_conflict use_column
begin
    insert into arrivals as known
    values (
        kept_in, source, type, (arrived_at at time zone 'UTC')::date, pg_backend_pid() % 32,
        events, events_ahead, most_seconds_ahead, arrived_at
    )
    on conflict (day, slot, kept_in, md5(source || ' ' || type)) do update set
        events = known.events + excluded.events,
        events_ahead = known.events_ahead + excluded.events_ahead,
        most_seconds_ahead = greatest(known.most_seconds_ahead, excluded.most_seconds_ahead),
        last_at = greatest(known.last_at, excluded.last_at);
end
$$;

-- Count the CloudEvents that a statement keeps; in one order, so that nobody waits in a circle.
create or replace function cloudevents_raw_count() returns trigger
language plpgsql as $$
begin
    perform note_arrivals('cloudevents_raw', sent.source, sent.type, sent.last_at, sent.events)
    from (
        select
            event.ce_source as source, event.ce_type as type, max(event.received_at) as last_at,
            count(*) as events
        from arrived as event
        group by event.ce_source, event.ce_type
        order by event.ce_source, event.ce_type
    ) as sent;
    return null;
end
$$;

create or replace trigger cloudevents_raw_count
after insert on cloudevents_raw referencing new table as arrived
for each statement execute function cloudevents_raw_count();

-- Of what was kept before there was this table.
do $$
begin
    if exists (select from arrivals where kept_in = 'cloudevents_raw') then return; end if;
    perform note_arrivals(
        'cloudevents_raw', event.ce_source, event.ce_type, max(event.received_at), count(*)
    )
    from cloudevents_raw as event
    group by event.ce_source, event.ce_type, (event.received_at at time zone 'UTC')::date;
end
$$;
