-- What was forgotten and may not come again: one row per event. A digest stands for its source and
-- id, which may name a person.
create table if not exists forgotten_events (
    event_digest text primary key,
    forgotten_at timestamptz not null default now(),
    refused_count integer not null default 0,
    last_refused_at timestamptz
);

comment on table forgotten_events is
'Events that were forgotten and may not come again: one row each.';
comment on column forgotten_events.event_digest is 'SHA-256 of source, space and id.';
comment on column forgotten_events.refused_count is 'How often it came again, and was not kept.';

alter table forgotten_events owner to dora_owner;

-- By what a forgotten event is known.
create or replace function event_digest(source text, id text) returns text
language sql immutable as $$
    select encode(sha256(convert_to(event_digest.source || ' ' || event_digest.id, 'UTF8')), 'hex')
$$;

-- Whether an event may not come again; if so, that it came is counted. With the owner's rights:
-- who keeps events cannot see what was forgotten.
create or replace function is_forgotten(source text, id text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    digest constant text := event_digest(is_forgotten.source, is_forgotten.id);
begin
    if not exists (select from forgotten_events as known where known.event_digest = digest) then
        return false;
    end if;
    update forgotten_events as forgotten
    set refused_count = forgotten.refused_count + 1, last_refused_at = now()
    where forgotten.event_digest = digest;
    return true;
end
$$;

alter function is_forgotten(text, text) owner to dora_owner;
revoke execute on function is_forgotten(text, text) from public;
grant execute on function is_forgotten(text, text) to dora_writer;

-- An event that may not come again is not kept, and its sender is answered as if it was: refused,
-- it would be among the dead letters.
create or replace function leave_out_forgotten_cloudevent() returns trigger
language plpgsql as $$
begin
    return case when is_forgotten(new.ce_source, new.ce_id) then null else new end;
end
$$;

-- The same for a CDEvent.
create or replace function leave_out_forgotten_cdevent() returns trigger
language plpgsql as $$
begin
    return case when is_forgotten(new.cd_source, new.cd_id) then null else new end;
end
$$;

create or replace trigger cloudevents_raw_leave_out_forgotten before insert on cloudevents_raw
for each row execute function leave_out_forgotten_cloudevent();
create or replace trigger dead_letters_leave_out_forgotten before insert on dead_letters
for each row execute function leave_out_forgotten_cloudevent();
create or replace trigger cdevents_raw_leave_out_forgotten before insert on cdevents_raw
for each row execute function leave_out_forgotten_cdevent();
