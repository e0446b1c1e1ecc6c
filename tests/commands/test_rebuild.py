"""A metric's tables anew from the log."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pg8000.exceptions import DatabaseError

from dora import database as dora_database
from dora import rebuilding, timeline
from dora.errors import TemporaryError
from dora.rebuilding import metrics, rebuild
from tests.commands.conftest import Commands
from tests.conftest import Database, Functions
from tests.events import carried, cdevent
from tests.metrics.conftest import TICK
from tests.waiting import PATIENCE_SECONDS, wait_until

METRIC = "deployment-frequency"
BATCH = "application/cloudevents-batch+json"
NAMES = "select deploy_name from deployments"
COUNT = "select count(*) from deployments"
LEFT = (
    "select relname from pg_class where relnamespace = 'rebuilding'::regnamespace and relkind = 'r'"
    " order by 1"
)
OTHER_WINDOW = "update metric_settings set incident_window = '1 day'"
STOPPED = "stopped; the same command goes on from here"
RUNNING = "select count(*) from pg_stat_activity where application_name = 'dora rebuild'"
WAITING = f"{RUNNING} and wait_event_type = 'Lock'"


def _record_and_forge(database: Database, function: Functions) -> None:
    """One deployment in the log, and another in the table."""
    function("cdevents-endpoint").post(carried(cdevent()))
    database.rows(
        "insert into deployments (deploy_source, deploy_id, deploy_name, time_created,"
        " environment_id, predicate) values ('/forged', '1', 'forged', now(), 'e', 'deployed')"
    )


def test_a_rebuild_leaves_what_the_log_says(
    commands: Commands, database: Database, function: Functions
) -> None:
    _record_and_forge(database, function)

    done = commands.run("rebuild", METRIC)

    assert (done.returncode, done.stdout) == (0, "")
    first, *_, last = done.stderr.splitlines()
    assert first == f"{METRIC}: rebuilding from 1 event of the log"
    assert last.startswith(f"{METRIC}: rebuilt in ")
    assert database.rows(NAMES) == [["shop"]]


def test_all_rebuilds_every_metric(
    commands: Commands, database: Database, function: Functions
) -> None:
    _record_and_forge(database, function)

    done = commands.run("rebuild", "all")

    assert done.returncode == 0
    assert done.stderr.count(": rebuilt in ") == 1
    assert database.rows(NAMES) == [["shop"]]


def test_an_unknown_metric_is_told_with_those_that_there_are(commands: Commands) -> None:
    done = commands.run("rebuild", "happiness")

    known = ", ".join([*metrics(), "all"])
    assert METRIC in metrics()
    assert (done.returncode, done.stderr) == (1, f"'happiness' is no metric; there is {known}\n")


def test_a_metric_is_made_of_what_all_share_and_all_of_the_log(
    database: Database, function: Functions
) -> None:
    recorded = function("cdevents-endpoint").post(carried(cdevent())).data.decode()
    function(METRIC).post(recorded, content_type="application/cloudevents+json")
    database.rows("update timeline_deployments set service_id = 'forged'")

    rebuild(METRIC)
    of_what_is_shared = database.rows(NAMES)
    rebuild("all")

    assert of_what_is_shared == [["forged"]]
    assert database.rows(NAMES) == [["shop"]]


@contextmanager
def _exchange_held_up(commands: Commands, database: Database) -> Iterator[subprocess.Popen[str]]:
    """Start a rebuild that has made all rows and waits to exchange them."""
    holder = database.server.connect(database.name)
    holder.run("begin")
    holder.run("lock table deployments in share mode")  # readers go on, the rebuild waits
    process = commands.start("rebuild", METRIC)
    try:
        wait_until(lambda: database.rows(WAITING) == [[1]])
        yield process
    finally:
        holder.close()


def test_old_answers_are_served_until_it_is_done(
    commands: Commands, database: Database, function: Functions
) -> None:
    _record_and_forge(database, function)

    with _exchange_held_up(commands, database) as process:
        served = function("metrics-endpoint").get("/deploy-frequency/day").json
    process.communicate(timeout=PATIENCE_SECONDS)

    assert served is not None
    assert {each["DeployName"] for each in served} == {"forged"}
    assert database.rows(NAMES) == [["shop"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_it_has_changed_nothing_and_the_same_command_goes_on(
    commands: Commands, database: Database, function: Functions, number: signal.Signals
) -> None:
    _record_and_forge(database, function)
    with _exchange_held_up(commands, database) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
        # The database finds it gone and undoes what was not done.
        wait_until(lambda: database.rows(RUNNING) == [[0]])
    after_it = database.rows(NAMES)

    done = commands.run("rebuild", METRIC)

    assert number == signal.SIGKILL or process.returncode == 130
    assert number == signal.SIGKILL or errors.endswith(f"{STOPPED}\n")
    assert after_it == [["forged"]]
    assert done.returncode == 0
    assert done.stderr.splitlines()[1] == "going on after 1 event"
    assert database.rows(NAMES) == [["shop"]]
    assert database.rows(LEFT) == [["log_order"], ["rebuilds"]]


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild says how far it is after each batch of ten events."""
    monkeypatch.setattr(timeline, "BATCH_EVENTS", 10)
    monkeypatch.setattr(rebuilding, "SLICE_SECONDS", 0)


def _interrupt() -> None:
    """Begin a rebuild, and end it after its first batch."""

    def tell(done: int, _total: int) -> None:
        if done:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        rebuild("all", tell=tell)


def _rebuild_and_tell() -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    rebuild("all", tell=lambda done, total: told.append((done, total)))
    return told


def _record(function: Functions, numbers: range) -> None:
    events = [_deployed(number) for number in numbers]
    answer = function("cdevents-endpoint").post(json.dumps(events), content_type=BATCH)
    assert answer.json == {"kept": len(numbers), "refused": []}


def _deployed(number: int) -> dict[str, Any]:
    """Make a deployment of a version of its own."""
    moment = datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=number)
    content = {"environment": {"id": "production"}, "artifactId": f"pkg:oci/shop?tag={number}"}
    return carried(
        cdevent(id=str(number), time=moment.isoformat().replace("+00:00", "Z"), content=content)
    )


@pytest.mark.usefixtures("batches")
def test_it_goes_on_after_the_last_batch_with_what_came_meanwhile_too(
    database: Database, function: Functions
) -> None:
    _record(function, range(15))
    _interrupt()
    _record(function, range(15, 30))

    first, second, *_ = _rebuild_and_tell()

    assert 0 < first[0] < second[0] < first[1] == second[1] == 30
    assert database.rows(COUNT) == [[30]]


@pytest.mark.usefixtures("batches")
def test_an_event_that_comes_in_the_middle_of_it_is_counted_at_once_and_afterwards(
    database: Database, function: Functions
) -> None:
    _record(function, range(15))
    counted = []

    def happen() -> None:
        event = function("cdevents-endpoint").post(_deployed(1000)).data.decode()
        function(METRIC).post(event, content_type="application/cloudevents+json")
        dora_database.close()

    def tell(_done: int, _total: int) -> None:
        beside = threading.Thread(target=happen)  # with a connection of its own
        beside.start()
        beside.join()
        counted.extend(database.rows("select count(*) from deployments where deploy_id = '1000'"))

    rebuild("all", tell=tell)

    assert counted
    assert {count for [count] in counted} == {1}
    assert database.rows(COUNT) == [[16]]


@pytest.mark.parametrize("what", [METRIC, "all"])
def test_what_is_recorded_in_the_middle_and_counted_only_afterwards_is_there_once(
    database: Database, function: Functions, what: str
) -> None:
    _record(function, range(15))
    recorded = function("cdevents-endpoint").post(_deployed(1000)).data.decode()

    rebuild(what)
    before = database.rows(COUNT)
    function(METRIC).post(recorded, content_type="application/cloudevents+json")

    assert before == [[16]]
    assert database.rows(COUNT) == [[16]]


# What may let its rows be made otherwise → how it comes to be.
ANEW: dict[str, Callable[[Database], object]] = {
    "another setting": lambda database: database.rows(OTHER_WINDOW),
    "another word": lambda database: database.rows("delete from tier_words where word = 'qa'"),
    "another catalog": lambda database: database.rows("update catalog_state set version = 7"),
    "an installation": lambda database: database.server.install(database.name),
}


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("why", ANEW)
def test_it_begins_anew_where_its_rows_could_be_made_otherwise(
    database: Database, function: Functions, why: str
) -> None:
    _record(function, range(15))
    _interrupt()
    ANEW[why](database)

    told = _rebuild_and_tell()

    assert told[0] == (0, 15)
    assert database.rows(COUNT) == [[15]]


@pytest.mark.usefixtures("batches")
def test_one_that_an_installation_ended_says_so(database: Database, function: Functions) -> None:
    _record(function, range(15))

    def tell(_done: int, _total: int) -> None:
        database.server.install(database.name)

    with pytest.raises(TemporaryError, match="was ended meanwhile, by another one or by"):
        rebuild("all", tell=tell)

    function(METRIC).post(TICK)
    assert database.rows(COUNT) == [[15]]


def test_only_the_writer_may_make_and_drop_tables_for_it(database: Database) -> None:
    reader = database.server.connect(database.name, "dora_reader")

    for statement in ("begin_rebuild", "drop_rebuilt"):
        with pytest.raises(DatabaseError, match="permission denied for function"):
            reader.run(f"select {statement}('{{deployments}}')")

    reader.close()


@pytest.mark.usefixtures("batches")
def test_restart_is_told_to_begin_anew(
    commands: Commands, database: Database, function: Functions
) -> None:
    _record(function, range(15))
    _interrupt()

    done = commands.run("rebuild", "all", "--restart")

    assert done.returncode == 0
    assert "going on" not in done.stderr
    assert database.rows(COUNT) == [[15]]


def test_the_help_says_what_an_interruption_does(commands: Commands) -> None:
    done = commands.run("rebuild", "--help")

    assert "Interrupted, the same command goes on where it was" in " ".join(done.stdout.split())
