"""A database's tables by hand."""

from __future__ import annotations

from tests.commands.conftest import Commands
from tests.conftest import Database
from tests.waiting import PATIENCE_SECONDS, wait_until

# Who finds a deadlock is ended: let it be the command, however late the other one comes to it.
FINDS_IT = {"PGOPTIONS": "-c deadlock_timeout=2s"}
DOES_NOT_FIND_IT = "set local deadlock_timeout = '5min'"
WAITS_FOR_ENVIRONMENTS = """select from pg_locks
where relation = 'named_environments'::regclass and not granted"""
RECORDED = "select number, name from schema_migrations order by number"


def test_an_empty_database_gets_the_tables_and_again_is_the_same(
    commands: Commands, database: Database
) -> None:
    recorded = database.rows(RECORDED)
    database.rows("drop schema public cascade; drop schema rebuilding cascade")
    database.rows("create schema public; grant usage on schema public to public")

    done = [commands.run("migrate") for _ in range(2)]

    assert [(each.returncode, each.stderr) for each in done] == [
        (0, "the database is up to date\n"),
        (0, "the database is up to date\n"),
    ]
    assert database.rows(RECORDED) == recorded
    assert database.rows("select count(*) from cdevents_raw") == [[0]]


def test_a_dry_run_changes_nothing(commands: Commands, database: Database) -> None:
    database.rows("drop schema public cascade; create schema public")

    done = commands.run("migrate", "--dry-run")

    assert (done.returncode, done.stderr) == (0, "no change is due\n")
    assert database.rows("select to_regclass('schema_migrations')") == [[None]]


def test_a_newer_database_is_refused_in_a_sentence(commands: Commands, database: Database) -> None:
    database.rows("insert into schema_migrations values (999, 'of_tomorrow')")

    for arguments in ([], ["--dry-run"]):
        done = commands.run("migrate", *arguments)

        assert done.returncode == 1
        assert done.stderr.endswith(
            "got one with number 999 (of_tomorrow): install the release that it is of, or a newer "
            "one\n"
        )
        assert done.stderr.count("\n") == 1


def test_who_owns_nothing_is_refused_in_a_sentence(database: Database) -> None:
    commands = Commands(database.environment | {"PGUSER": "dora_writer"})

    done = commands.run("migrate")

    assert (done.returncode, done.stderr) == (
        1,
        "the database cannot do this now: permission denied for schema public\n",
    )


def test_a_file_that_meets_a_deadlock_is_tried_again(
    commands: Commands, database: Database
) -> None:
    database.rows("begin")
    database.rows(DOES_NOT_FIND_IT)
    database.rows("lock table named_environments")
    command = commands.having(**FINDS_IT).start("migrate")
    wait_until(lambda: database.rows(WAITS_FOR_ENVIRONMENTS))

    database.rows("lock table named_services")
    database.rows("commit")

    _, said = command.communicate(timeout=PATIENCE_SECONDS)
    assert command.returncode == 0
    assert said.splitlines() == [
        "schema/63_named_services met a deadlock with another session: trying again",
        "the database is up to date",
    ]
