"""A database's tables by hand."""

from __future__ import annotations

from tests.commands.conftest import Commands
from tests.conftest import Database

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
