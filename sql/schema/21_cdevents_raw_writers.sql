-- Who writes to the log holds a shared lock until its transaction ends. Catching up takes the lock
-- alone for a moment: when it has it, every place in the log up to the newest is decided.
create or replace function cdevents_raw_announce_writer() returns trigger
language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('cdevents_raw', 0));
    return null;
end
$$;

create or replace trigger cdevents_raw_announce_writer
before insert or update on cdevents_raw
for each statement execute function cdevents_raw_announce_writer();
