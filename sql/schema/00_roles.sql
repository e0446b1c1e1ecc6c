-- Who may do what. They cannot log in until each is given a password; a table's file says what a
-- role may do with the table.
--   dora_owner   owns tables and views; used to install and to change them
--   dora_writer  the functions that keep events and compute metrics
--   dora_reader  the metrics endpoint, dashboards and people
do $$
begin
    if not exists (select from pg_roles where rolname = 'dora_owner') then
        create role dora_owner;
    end if;
    if not exists (select from pg_roles where rolname = 'dora_writer') then
        create role dora_writer login;
    end if;
    if not exists (select from pg_roles where rolname = 'dora_reader') then
        create role dora_reader login;
    end if;
end
$$;

-- A question's best plan depends on its filters, and there are few questions: plan each anew. The
-- time for compiling a plan is more than these statements take.
alter role dora_reader set plan_cache_mode = force_custom_plan;
-- Writers are given few events at a time, and find all else by indexes: one plan serves them all,
-- and planning takes longer than such a statement.
alter role dora_writer set plan_cache_mode = force_generic_plan;
-- So that it is not a plan for the empty tables of a new installation.
alter role dora_writer set enable_seqscan = off;
alter role dora_reader set jit = off;
-- A median sorts all that it is of: a quarter of a million values take 10 MB, or files.
alter role dora_reader set work_mem = '32MB';
alter role dora_writer set jit = off;
-- Nobody waits for ever: the database for a client that is gone, or that does not end what it
-- began; a client for a lock, or for an answer. PGOPTIONS of a function says otherwise.
alter role dora_writer set client_connection_check_interval = '10s';
alter role dora_reader set client_connection_check_interval = '10s';
alter role dora_writer set idle_in_transaction_session_timeout = '60s';
alter role dora_reader set idle_in_transaction_session_timeout = '60s';
alter role dora_writer set lock_timeout = '10s';
alter role dora_reader set lock_timeout = '5s';
alter role dora_reader set statement_timeout = '60s';

grant usage, create on schema public to dora_owner;
grant usage on schema public to dora_writer, dora_reader;

-- It is there before the roles are: sql/migrations come before sql/schema.
alter table schema_migrations owner to dora_owner;
grant select on schema_migrations to dora_writer, dora_reader;
revoke execute on function take_migration(integer, text) from public;
