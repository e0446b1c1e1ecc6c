"""A database that only reads, holds locks, ends connections, or that somebody would lock for others."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from pg8000.exceptions import DatabaseError

from dora import database as dora_database
from dora.database import run, transaction
from dora.errors import TemporaryError
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent
from tests.metrics.conftest import TICK
from tests.waiting import wait_until

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

KEPT = "select count(*) from cdevents_raw"
TABLES = (
    "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
)
ROLES = ["dora_writer", "dora_metrics", "dora_reader", "dora_dashboards"]
# Tables of which the reader sees nothing, or not all.
UNSEEN = ("locks", "log_writers", "forgotten_events", "dead_letters")


def _send(function: Functions, event_id: str = "d1") -> TestResponse:
    return function("cdevents-endpoint").post(carried(cdevent(id=event_id)))


def _become_read_only() -> None:
    """Let this thread's connection be one to a server that only reads, as after a failover."""
    connection = dora_database._kept.connection
    assert connection
    connection.run("set default_transaction_read_only = on")


def test_where_the_database_only_reads_it_is_503_and_the_next_try_connects_anew(
    database: Database, function: Functions
) -> None:
    _send(function, "before")
    _become_read_only()

    refused = _send(function)
    again = _send(function)

    assert (refused.status_code, again.status_code) == (503, 200)
    assert refused.text == (
        "the database cannot do this now: cannot execute INSERT in a read-only transaction"
    )
    assert database.rows(KEPT) == [[2]]


def test_in_the_middle_of_what_a_tick_does_it_is_503_and_the_next_one_does_it(
    database: Database, function: Functions
) -> None:
    _send(function)
    function("deployment-frequency").post(cloudevent(recorded="true"))
    _become_read_only()

    answers = [function("deployment-frequency").post(TICK).status_code for _ in range(2)]

    assert answers == [503, 204]
    assert database.rows("select count(*) from deployments") == [[1]]


def test_who_writes_is_not_ready_where_the_database_only_reads(
    database: Database, function: Functions
) -> None:
    _send(function)
    _become_read_only()

    first, second = (function("cdevents-endpoint").get("/health/readiness") for _ in range(2))

    assert database
    assert (first.status_code, second.status_code) == (503, 200)
    assert first.text == "the database only reads now, and this function writes"


def test_who_asks_is_ready_where_the_database_only_reads(
    database: Database, function: Functions
) -> None:
    function("metrics-endpoint").get("/summary")
    _become_read_only()

    assert database
    assert function("metrics-endpoint").get("/health/readiness").status_code == 200
    assert function("metrics-endpoint").get("/summary").status_code == 200


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_a_client_that_is_gone_leaves_no_backend_behind(database: Database, role: str) -> None:
    connection = database.server.connect(database.name, role)
    [[backend]] = connection.run("select pg_backend_pid()")
    there = "select count(*) from pg_stat_activity where pid = :pid and wait_event = 'PgSleep'"
    # What is sent is answered after an hour; nobody waits for it.
    connection._send_message(b"Q", b"select pg_sleep(3600)\0")
    connection._sock.flush()
    wait_until(lambda: database.rows(there, pid=backend) == [[1]])

    connection._usock.shutdown(socket.SHUT_RDWR)
    connection._usock.close()

    wait_until(lambda: database.rows(there, pid=backend) == [[0]])


def test_a_transaction_that_does_not_go_on_is_ended_and_worth_another_try(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c idle_in_transaction_session_timeout=100")
    there = "select count(*) from pg_stat_activity where pid = :pid"

    def stop_in_the_middle() -> None:
        with transaction():
            run("metrics/read_position")
            connection = dora_database._kept.connection
            assert connection
            backend = connection._backend_key_data[:4]
            pid = int.from_bytes(backend, "big")
            wait_until(lambda: database.rows(there, pid=pid) == [[0]])
            run("metrics/read_position")

    with pytest.raises(TemporaryError):
        stop_in_the_middle()
    assert run("metrics/read_position") == [[0, None]]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_waits_for_nothing_for_ever(database: Database, role: str) -> None:
    connection = database.server.connect(database.name, role)
    names = ("client_connection_check_interval", "idle_in_transaction_session_timeout")
    settings = [connection.run(f"show {name}")[0][0] for name in (*names, "lock_timeout")]
    connection.close()

    assert "0" not in settings


def test_a_question_waits_no_longer_than_five_seconds_for_a_lock(
    database: Database, function: Functions
) -> None:
    installing = database.server.connect(database.name)
    installing.run("begin")
    installing.run("lock table deployments in access exclusive mode")

    answer = function("metrics-endpoint").get("/deployments")
    installing.close()

    assert answer.status_code == 503
    assert answer.json == {
        "error": "the database cannot do this now: canceling statement due to lock timeout"
    }


def test_whatever_the_reader_locks_events_are_kept_and_counted(
    database: Database, function: Functions
) -> None:
    reader = database.server.connect(database.name, "dora_reader")
    for name in ("cdevents_raw", "schema"):
        reader.run("select pg_advisory_lock(hashtextextended(:name, 0))", name=name)
    timelines = "hashtextextended(concat_ws(' ', 'timeline'::regclass::oid, :name::text), 0)"
    for name in ("timeline", "deployment-frequency"):
        reader.run(f"select pg_advisory_lock({timelines})", name=name)
    for [table] in database.rows(TABLES):
        for mode in ("row share", "share", "access exclusive"):
            reader.run("begin")
            with pytest.raises(DatabaseError, match="permission denied"):
                reader.run(f"lock table {table} in {mode} mode")
            reader.run("rollback")
        with pytest.raises(DatabaseError, match="permission denied"):
            reader.run(f"select from {table} for share")
    reader.run("begin")
    for [table] in database.rows(TABLES):
        if table not in UNSEEN:
            reader.run(f"lock table {table} in access share mode")

    kept = _send(function)
    counted = function("deployment-frequency").post(TICK)
    reader.close()

    assert (kept.status_code, counted.status_code) == (200, 204)
    assert database.rows("select count(*) from deployments") == [[1]]


@pytest.mark.long
def test_who_writes_what_another_one_writes_waits_for_it(
    database: Database, function: Functions
) -> None:
    _send(function)
    other = database.server.connect(database.name, "dora_metrics")
    other.run("begin")
    lock = dora_database.text("metrics/lock")
    assert other.run(lock, locked="timeline") == [["public timeline"]]

    waiting = function("deployment-frequency").post(TICK)
    other.close()

    assert waiting.status_code == 503
    assert function("deployment-frequency").post(TICK).status_code == 204
