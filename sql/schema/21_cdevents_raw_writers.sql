-- Who writes to the log holds a lock of this table, which is empty, until its transaction ends.
-- Catching up takes a lock for a moment that none of them lets through: when it has it, every place
-- in the log up to the newest is decided. No role but the functions' may take it.
create table if not exists log_writers ();

comment on table log_writers is
'Empty: who writes to the log, and who waits for all of those, holds a lock of it.';

alter table log_writers owner to dora_owner;
grant insert on log_writers to dora_writer;
grant update on log_writers to dora_metrics;

-- Hold the lock of those who write.
create or replace function cdevents_raw_announce_writer() returns trigger
language plpgsql as $$
begin
    lock table log_writers in row exclusive mode;
    return null;
end
$$;

create or replace trigger cdevents_raw_announce_writer
before insert or update on cdevents_raw
for each statement execute function cdevents_raw_announce_writer();

-- Wait until no transaction is writing to the log. Who wants to write meanwhile waits for us, so a
-- wait that is not short is given up.
create or replace function wait_for_log_writers() returns void
language plpgsql set lock_timeout = '2s' as $$
begin
    lock table log_writers in share mode;
end
$$;
