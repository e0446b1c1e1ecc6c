-- Which numbered changes a database has: one row each. Files like 001_what.sql bring an older
-- database to where sql/schema makes of it what a new one is; a new one has them all at once.

-- Who applies these files keeps this lock until it disconnects: two at once follow each other.
select pg_advisory_lock(hashtextextended('schema', 0));

-- Who is no superuser owns what it makes only as a member of dora_owner. PostgreSQL 15 has no such
-- setting.
select set_config('createrole_self_grant', 'set, inherit', false)
where current_setting('server_version_num')::integer >= 160000;

create table if not exists schema_migrations (
    number integer primary key,
    name text not null,
    applied_at timestamptz not null default now()
);

comment on table schema_migrations is
'Which numbered changes (sql/migrations) this database has; one row each.';
comment on column schema_migrations.applied_at is
'When it was applied; of a database that was made with it, when that was.';

-- A change of these files that they do not know was made by a newer release.
do $$
declare
    newest constant integer := 6; -- the last of these files
    known schema_migrations;
begin
    select * into known from schema_migrations order by number desc limit 1;
    if known.number > newest then
        raise exception
            'expected a database with schema changes up to number %, got one with number % (%): '
            'install the release that it is of, or a newer one',
            newest, known.number, known.name;
    end if;
end
$$;

-- Record a change; true where it has to be made now: in a database that is older than it.
create or replace function take_migration(wanted integer, called text) returns boolean
language plpgsql as $$
declare
    known text;
begin
    insert into schema_migrations (number, name) values (wanted, called) on conflict do nothing;
    if found then
        return to_regclass('public.cdevents_raw') is not null;
    end if;
    select name into known from schema_migrations where number = wanted;
    if known <> called then
        raise exception 'expected schema change number % to be %, got a database where it is %',
            wanted, called, known;
    end if;
    return false;
end
$$;

comment on function take_migration(integer, text) is
'Record a numbered change; true where the database is older and it has to be made now.';
