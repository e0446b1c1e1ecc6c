-- Who may do what. They cannot log in until each is given a password; a table's file says what a
-- role may do with the table, docs/security.md what each may do in all.
--   dora_owner       owns tables and views; used to install and to change them
--   dora_writer      the functions that keep events
--   dora_metrics     the functions that compute metrics, and a rebuild
--   dora_reader      the metrics endpoint and people
--   dora_dashboards  dashboards, by what is made for them alone
do $$
declare
    wanted text;
begin
    if not exists (select from pg_roles where rolname = 'dora_owner') then
        create role dora_owner;
    end if;
    foreach wanted in array array['dora_writer', 'dora_metrics', 'dora_reader', 'dora_dashboards']
    loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I login', wanted);
        end if;
        -- A role may set its own defaults: whatever it was made to, it forgets at each installation.
        execute format('alter role %I reset all', wanted);
        execute format('alter role %I set jit = off', wanted);
        execute format('alter role %I set client_connection_check_interval = %L', wanted, '10s');
        execute format('alter role %I set idle_in_transaction_session_timeout = %L', wanted, '60s');
    end loop;
end
$$;

-- A question's best plan depends on its filters, and there are few questions: plan each anew. The
-- time for compiling a plan is more than these statements take.
alter role dora_reader set plan_cache_mode = force_custom_plan;
alter role dora_dashboards set plan_cache_mode = force_custom_plan;
-- Writers are given few events at a time, and find all else by indexes: one plan serves them all,
-- and planning takes longer than such a statement.
alter role dora_writer set plan_cache_mode = force_generic_plan;
alter role dora_metrics set plan_cache_mode = force_generic_plan;
-- So that it is not a plan for the empty tables of a new installation.
alter role dora_writer set enable_seqscan = off;
alter role dora_metrics set enable_seqscan = off;
-- A median sorts all that it is of: a quarter of a million values take 10 MB, or files.
alter role dora_reader set work_mem = '32MB';
alter role dora_dashboards set work_mem = '32MB';
-- Nobody waits for ever: the database for a client that is gone, or that does not end what it
-- began; a client for a lock, or for an answer. PGOPTIONS of a function says otherwise.
alter role dora_writer set lock_timeout = '10s';
alter role dora_metrics set lock_timeout = '10s';
alter role dora_reader set lock_timeout = '5s';
alter role dora_dashboards set lock_timeout = '5s';
alter role dora_reader set statement_timeout = '60s';
-- A dashboard asks again and again: no question may take all the time there is.
alter role dora_dashboards set statement_timeout = '30s';
alter role dora_dashboards set default_transaction_read_only = on;

-- Nobody who only logs in fills the disk: no temporary tables and, where a superuser installs, no
-- large objects.
do $$
begin
    execute format('revoke create, temporary on database %I from public', current_database());
    if (select rolsuper from pg_roles where rolname = current_user) then
        revoke execute on function lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea),
        lo_open(oid, integer), lo_import(text), lo_import(text, oid) from public;
    end if;
end
$$;

grant usage, create on schema public to dora_owner;
revoke create on schema public from public;
grant usage on schema public to dora_writer, dora_metrics, dora_reader, dora_dashboards;

-- It is there before the roles are: sql/migrations come before sql/schema.
alter table schema_migrations owner to dora_owner;
grant select on schema_migrations to dora_writer, dora_metrics, dora_reader;
revoke execute on function take_migration(integer, text) from public;
