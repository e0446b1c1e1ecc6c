"""Connections and statements, against a real PostgreSQL."""

from __future__ import annotations

import gc
import socket
import threading
import warnings
from contextlib import closing
from datetime import UTC
from pathlib import Path

import pytest

from dora import database as dora_database
from dora.database import one, run, transaction
from dora.errors import PermanentError, TemporaryError
from tests.conftest import Database

ONE_DEPLOYMENT = "insert into deployments values ('/s', 'd', 'shop', now(), 'p', null, 'deployed')"


@pytest.fixture
def statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Statements of the tests' own, each a file."""
    texts = {
        "who": "select pg_backend_pid();",
        "add": ONE_DEPLOYMENT,
        "count": "select count(*) from deployments;",
        "divide": "select 1 / :by::integer;",
        "echo": "select :text::text;",
        "time": "select :text::timestamptz;",
        "numbers": "select :text::double precision[];",
        "missing": "select * from no_such_table;",
        "missing_function": "select no_such_function();",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.sql").write_text(text)
    monkeypatch.setattr(dora_database, "SQL_FOLDERS", (tmp_path,))
    dora_database.text.cache_clear()
    return texts


@pytest.mark.usefixtures("statements")
def test_a_connection_is_kept_between_statements(database: Database) -> None:
    assert database
    assert one("who") == one("who")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            ("time", value)
            for value in (
                "2026-08-30 00:00:00+00",
                "2026-08-30T01:02:03.4+05:30",
                "2026-08-30 01:02:03.123456+00",
            )
        ],
        *[("numbers", value) for value in ("{}", "{NULL}", "{0.1,NULL,1e300,-5}", "{Infinity}")],
    ],
)
@pytest.mark.usefixtures("statements")
def test_what_is_read_quickly_is_read_as_the_driver_reads_it(
    database: Database, name: str, value: str
) -> None:
    [[as_the_driver]] = database.rows(dora_database.text(name), text=value)

    quickly = one(name, text=value)

    assert (quickly, type(quickly)) == (as_the_driver, type(as_the_driver))


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("-infinity", 1),
        ("0044-03-15 00:00:00+00 BC", 1),
        ("10000-01-01 00:00:00+00", 9999),
        ("infinity", 9999),
    ],
)
@pytest.mark.usefixtures("statements", "database")
def test_a_time_that_python_does_not_know_is_the_first_or_the_last(value: str, year: int) -> None:
    found = one("time", text=value)

    assert (found.year, found.tzinfo) == (year, UTC)


@pytest.mark.usefixtures("statements")
def test_a_connection_that_was_lost_is_opened_again(database: Database) -> None:
    before = one("who")
    database.rows("select pg_terminate_backend(:pid)", pid=before)

    assert one("who") != before


@pytest.mark.usefixtures("statements")
def test_a_connection_lost_in_a_transaction_is_worth_another_try(database: Database) -> None:
    with pytest.raises(TemporaryError), transaction():
        run("add")
        database.rows("select pg_terminate_backend(:pid)", pid=one("who"))
        run("count")

    assert one("count") == 0


@pytest.mark.usefixtures("statements")
def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    with pytest.raises(PermanentError), transaction():
        run("add")
        run("divide", by=0)

    assert database.rows("select count(*) from deployments") == [[0]]
    assert one("count") == 0


@pytest.mark.usefixtures("statements")
def test_a_transaction_is_committed_at_its_end(database: Database) -> None:
    with transaction():
        run("add")

    assert database.rows("select count(*) from deployments") == [[1]]


@pytest.mark.usefixtures("statements")
def test_what_the_data_makes_impossible_is_permanent(database: Database) -> None:
    assert database
    with pytest.raises(PermanentError, match="the database refuses this: division by zero"):
        run("divide", by=0)
    assert one("divide", by=1) == 1


@pytest.mark.usefixtures("statements")
def test_text_that_is_no_unicode_is_permanent(database: Database) -> None:
    assert database
    with pytest.raises(PermanentError, match="half of a surrogate pair"):
        run("echo", text="\ud800")
    assert one("echo", text="日本") == "日本"


@pytest.mark.usefixtures("statements")
def test_a_table_that_is_not_there_yet_is_worth_another_try(database: Database) -> None:
    assert database
    with pytest.raises(TemporaryError, match='relation "no_such_table" does not exist'):
        run("missing")


@pytest.mark.usefixtures("statements")
def test_a_function_that_is_not_there_yet_is_worth_another_try(database: Database) -> None:
    assert database
    with pytest.raises(TemporaryError, match=r"function no_such_function\(\) does not exist"):
        run("missing_function")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PGPORT", "1", "the database is away: "),
        ("PGDATABASE", "nowhere", 'database "nowhere" does not exist'),
        ("PGUSER", "nobody", 'role "nobody" does not exist'),
    ],
)
def test_a_database_that_cannot_be_reached_is_worth_another_try(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    dora_database.close()
    monkeypatch.setenv(name, value)

    with pytest.raises(TemporaryError, match=sentence):
        dora_database.ping()
    assert database


def test_a_server_without_tls_is_refused_where_tls_is_required(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora_database.close()
    monkeypatch.setenv("PGSSLMODE", "require")

    with pytest.raises(TemporaryError, match="Server refuses SSL"):
        dora_database.ping()
    assert database


def test_a_server_that_hangs_up_at_once_leaves_no_socket_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dora_database.close()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        monkeypatch.setenv("PGHOST", "127.0.0.1")
        monkeypatch.setenv("PGPORT", str(server.getsockname()[1]))

        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            hang_up = threading.Thread(target=lambda: _hang_up(server))
            hang_up.start()
            with pytest.raises(TemporaryError, match="the database is away"):
                dora_database.ping()
            hang_up.join()
            gc.collect()

    assert warned == []


def _hang_up(server: socket.socket) -> None:
    server.accept()[0].close()


def test_applying_the_schema_again_changes_nothing(database: Database) -> None:
    database.rows(ONE_DEPLOYMENT)

    database.server.install(database.name)

    assert database.rows("select count(*) from deployments") == [[1]]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("dora_reader", {"SELECT"}),
        ("dora_writer", {"SELECT", "INSERT", "UPDATE", "DELETE"}),
    ],
)
def test_a_role_may_do_no_more_than_it_needs(database: Database, role: str, may: set[str]) -> None:
    granted = database.rows(
        "select distinct privilege_type from information_schema.role_table_grants"
        " where grantee = :role",
        role=role,
    )

    assert {row[0] for row in granted} == may


def test_nothing_deletes_from_the_log(database: Database) -> None:
    tables = database.rows(
        "select table_name from information_schema.role_table_grants"
        " where grantee = 'dora_writer' and privilege_type = 'DELETE'"
    )

    assert "cdevents_raw" not in {row[0] for row in tables}


def test_every_column_that_does_not_explain_itself_has_a_comment(database: Database) -> None:
    uncommented = database.rows(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " and obj_description(oid) is null"
    )

    assert uncommented == []
