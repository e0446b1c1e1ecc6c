"""A metric's tables anew from the log."""

from __future__ import annotations

import signal

from dora.rebuild import metrics
from tests.commands.conftest import Commands
from tests.conftest import Database, Functions
from tests.events import carried, cdevent
from tests.waiting import PATIENCE_SECONDS, wait_until

METRIC = "deployment-frequency"
NAMES = "select deploy_name from deployments"
RUNNING = "select count(*) from pg_stat_activity where application_name = 'dora.rebuild'"
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
    assert first == f"{METRIC}: rebuilding from 1 events of the log"
    assert last.startswith(f"{METRIC}: rebuilt in ")
    assert database.rows(NAMES) == [["shop"]]


def test_all_rebuilds_every_metric(
    commands: Commands, database: Database, function: Functions
) -> None:
    _record_and_forge(database, function)

    done = commands.run("rebuild", "all")

    assert done.returncode == 0
    assert done.stderr.count(": rebuilt in ") == len(metrics())
    assert database.rows(NAMES) == [["shop"]]


def test_an_unknown_metric_is_told_with_those_that_there_are(commands: Commands) -> None:
    done = commands.run("rebuild", "happiness")

    known = ", ".join([*metrics(), "all"])
    assert METRIC in metrics()
    assert (done.returncode, done.stderr) == (1, f"'happiness' is no metric; there is {known}\n")


def test_old_answers_are_served_until_it_is_done_and_interrupted_it_changes_nothing(
    commands: Commands, database: Database, function: Functions
) -> None:
    _record_and_forge(database, function)
    holder = database.server.connect(database.name)
    holder.run("begin")
    holder.run("lock table deployments in share mode")  # readers go on, the rebuild waits
    process = commands.start("rebuild", METRIC)
    wait_until(lambda: database.rows(WAITING) == [[1]])
    served = function("metrics-endpoint").get("/deploy-frequency/day").json

    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    # The database finds it gone and undoes it.
    wait_until(lambda: database.rows(RUNNING) == [[0]])
    holder.close()

    assert served is not None
    assert {each["DeployName"] for each in served} == {"forged"}
    assert process.returncode == 130
    assert errors.endswith("stopped; a rebuild that was not done has changed nothing\n")
    assert database.rows(NAMES) == [["forged"]]
    assert commands.run("rebuild", METRIC).returncode == 0
    assert database.rows(NAMES) == [["shop"]]


def test_the_help_says_what_an_interruption_does(commands: Commands) -> None:
    done = commands.run("rebuild", "--help")

    assert "Interrupted, it has changed nothing" in " ".join(done.stdout.split())
