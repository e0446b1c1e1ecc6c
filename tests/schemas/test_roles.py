"""What each role of the database may do, by trying: docs/security.md says the same in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from pg8000.exceptions import DatabaseError

from local.postgresql import Postgresql
from tests.conftest import Database

# Where the roles have rights is a table; what they have none to is nobody's but the owner's.
EVENTS = "cloudevents_raw"
LOG = "cdevents_raw"
LETTERS = "dead_letters"
FACTS = "service_events"
METRICS = ("deployments", "timeline", "recoveries", "changes", "incidents")
CATALOG = ("catalog_services", "catalog_state", "catalog_aliases")
SETTINGS = ("metric_settings", "performance_levels", "tier_words", "schema_migrations")
ROLES = ("dora_writer", "dora_metrics", "dora_reader", "dora_dashboards")
# What none of them may do.
EVERYBODY = [
    "create table mine (a integer)",
    "create temporary table mine (a integer)",
    "create schema mine",
    "create function mine() returns integer language sql as 'select 1'",
    "create view mine as select 1 as a",
    "create extension file_fdw",
    "create role mine",
    "create database mine",
    "alter role {role} superuser",
    "alter role {role} createrole",
    "alter role {role} createdb",
    "alter role {role} bypassrls",
    "alter role {role} rename to mine",
    "alter role dora_owner password 'mine'",
    "alter system set work_mem = '1GB'",
    "grant dora_owner to {role}",
    "set role dora_owner",
    "set session authorization dora_owner",
    "alter table deployments add column mine text",
    "alter view known_services rename to mine",
    "drop table deployments",
    "truncate cdevents_raw",
    "delete from cdevents_raw",
    "delete from cloudevents_raw",
    "delete from dead_letters",
    "update metric_settings set level_days = 0",
    "update schema_migrations set number = 0",
    "select lo_create(0)",
    "select lo_creat(0)",
    "select lo_from_bytea(0, ''::bytea)",
    "select pg_read_file('postgresql.conf')",
    "select rolpassword from pg_authid",
    "copy deployments to program 'cat'",
    "copy (select 1) to '/tmp/mine'",
]
# What one may not that another may.
LOCK = "lock table cdevents_raw in access exclusive mode"
HOLD = "select from locks for update"
CHANGES = [
    "update deployments set predicate = ''",
    "update cdevents_raw set seq = 0",
    "update cloudevents_raw set received_at = now()",
    "update dead_letters set refused_count = 0",
    "update catalog_services set team = ''",
    "insert into locks default values",
    HOLD,
]
# Neither knows a transaction.
ALONE = ("create database", "alter system")
FORBIDDEN = {
    "dora_writer": [
        *(f"select from {table}" for table in (*METRICS, *CATALOG, "known_services")),
        *(f"insert into {table} default values" for table in (*METRICS, *CATALOG)),
        "select begin_rebuild('{deployments}')",
        "select drop_rebuilt('{deployments}')",
        "update cloudevents_raw set received_at = now()",
        "delete from processed_events",
        "select from forgotten_events",
        HOLD,
    ],
    "dora_metrics": [
        *(f"select from {table}" for table in (EVENTS, LETTERS, "cloudevents_replaced", "replays")),
        *(f"insert into {table} default values" for table in (EVENTS, LETTERS, LOG, FACTS)),
        "update cdevents_raw set seq = 0",
        "delete from service_events",
        "update arrivals set events = 0",
        "select from forgotten_events",
        "select is_forgotten('', '')",
        "select prune_events(now(), 1)",
        LOCK,
    ],
    "dora_reader": [
        *(
            f"{change} {table}"
            for table in (EVENTS, LOG, LETTERS, FACTS, *METRICS, *CATALOG, *SETTINGS)
            for change in ("delete from", "truncate")
        ),
        *(
            f"insert into {table} default values"
            for table in (EVENTS, LOG, LETTERS, FACTS, *METRICS, *CATALOG, *SETTINGS)
        ),
        *CHANGES,
        "select content from dead_letters",
        "select from forgotten_events",
        "select prune_events(now(), 1)",
        LOCK,
        "select begin_rebuild('{deployments}')",
        "select nextval('cdevents_raw_seq')",
    ],
    "dora_dashboards": [
        *(
            f"select from {table}"
            for table in (EVENTS, LOG, LETTERS, FACTS, *METRICS, *CATALOG, *SETTINGS)
        ),
        *CHANGES,
        "select from cdevents_replaced",
        "select from arrivals",
        "select from forgotten_events",
        "select is_forgotten('', '')",
        "select prune_events(now(), 1)",
        LOCK,
        "select begin_rebuild('{deployments}')",
        "insert into deployments default values",
        "select nextval('cdevents_raw_seq')",
    ],
}
TRIED = [
    *((role, each.replace("{role}", role)) for role in ROLES for each in EVERYBODY),
    *((role, each) for role, all_of_it in FORBIDDEN.items() for each in all_of_it),
]
# What each is there for.
ALLOWED = {
    "dora_writer": ["select from cdevents_raw", "select from dead_letters", "select from replays"],
    "dora_metrics": [
        "select from cdevents_raw",
        "select from service_events",
        "delete from deployments",
        "delete from catalog_services",
        "select begin_rebuild('{deployments}')",
    ],
    "dora_reader": ["select from deployments", "select reason from dead_letters"],
}


@pytest.fixture(scope="module")
def tried(server: Postgresql) -> Iterator[Database]:
    """A database in which nothing that is tried here changes anything."""
    made = Database(server)
    server.install(made.name)  # what a database itself lets its users do is in no copy of it
    yield made
    made.drop()


def attempt(database: Database, role: str, sql: str) -> str | None:
    """Return the code of the error that a role gets; None where it gets none. Nothing stays."""
    with closing(database.server.connect(database.name, role)) as session:
        session.run("set default_transaction_read_only = off")  # which keeps nobody from anything
        if not sql.startswith(ALONE):
            session.run("begin")
        try:
            session.run(sql)
        except DatabaseError as error:
            return str(error.args[0]["C"])
        finally:
            session.run("rollback")
    return None


@pytest.mark.parametrize(("role", "sql"), dict.fromkeys(TRIED))
def test_what_is_forbidden_is_refused(tried: Database, role: str, sql: str) -> None:
    # Who renames itself is refused by another code, before it is asked whether it may.
    code = "0A000" if sql == f"alter role {role} rename to mine" else "42501"
    assert attempt(tried, role, sql) == code


@pytest.mark.parametrize(
    ("role", "sql"), [(role, each) for role, all_of_it in ALLOWED.items() for each in all_of_it]
)
def test_what_a_role_is_for_it_may(tried: Database, role: str, sql: str) -> None:
    assert attempt(tried, role, sql) is None


def test_dashboards_read_no_table(tried: Database) -> None:
    readable = tried.rows(
        "select relname from pg_class"
        " where relkind in ('r', 'p', 'm') and relnamespace = 'public'::regnamespace"
        " and has_any_column_privilege('dora_dashboards', oid, 'select')"
    )

    assert readable == []


def test_nobody_logs_in_as_the_owner(tried: Database) -> None:
    with pytest.raises(DatabaseError, match='role "dora_owner" is not permitted to log in'):
        tried.server.connect(tried.name, "dora_owner")


def test_dashboards_read_what_is_made_for_them(tried: Database) -> None:
    made = tried.rows(
        "select oid::regprocedure::text from pg_proc where proname like 'dashboard\\_%'"
        " and not (prosecdef and has_function_privilege('dora_dashboards', oid, 'execute'))"
    )

    assert made == []


def test_what_a_role_made_its_own_default_is_forgotten_at_an_installation(
    database: Database,
) -> None:
    defaults = "select setconfig from pg_db_role_setting where setrole = 'dora_reader'::regrole"
    before = database.rows(defaults)
    with closing(database.server.connect(database.name, "dora_reader")) as reader:
        reader.run("alter role dora_reader set search_path = pg_temp")

    database.server.install(database.name)

    assert database.rows(defaults) == before
