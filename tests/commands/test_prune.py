"""Pruning: what is old goes, and no number changes."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import Commands
from tests.commands.test_forget import TICK, deployed, kept, record
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent

OLD = "now() - interval '401 days'"
QUESTIONS = ("/summary", "/deployments", "/metrics/deployment-frequency")


@pytest.fixture
def commands(database: Database) -> Commands:
    """Commands on this test's database, as their own role."""
    return Commands(database.environment)


@pytest.fixture
def old(database: Database, function: Functions) -> None:
    """Of each kind an old event and a new one."""
    for number in (1, 2):
        function("cloudevents-endpoint").post(cloudevent(id=f"{number}"))
        letter = cloudevent(id=f"{number}", knativeerrordest="http://x")
        function("dead-letters-endpoint").post(letter)
        for minute in (2, 1):
            report = cdevent(id=f"r{number}", time=f"2026-01-05T12:0{minute}:00Z")
            function("cdevents-endpoint").post(carried(report))
    record(function, deployed(1), deployed(2))
    database.rows(f"update cloudevents_raw set received_at = {OLD} where ce_id = '1'")
    database.rows(f"update dead_letters set last_refused_at = {OLD} where ce_id = '1'")
    database.rows(f"update cdevents_replaced set replaced_at = {OLD} where cd_id = 'r1'")
    database.rows(f"update cdevents_raw set recorded_at = {OLD}")


def answers(function: Functions) -> list[object]:
    """Return what is answered to questions about all that happened, whichever minute it is."""
    span = {"from": "2025-12-01", "to": "2026-02-01"}
    return [json.loads(function("metrics-endpoint").get(path, **span).data) for path in QUESTIONS]


@pytest.mark.usefixtures("old")
def test_what_is_old_is_removed_and_no_number_changes(
    database: Database, function: Functions, commands: Commands
) -> None:
    before, log = answers(function), kept(database)["cdevents_raw"]

    done = commands.run("prune", "--older-than", "400d")

    assert done.returncode == 0, done.stderr
    assert "removed: 1 in cloudevents_raw, 1 in cdevents_replaced, 1 in dead_letters" in done.stderr
    assert kept(database) == {
        "cloudevents_raw": 1,
        "cdevents_raw": log,
        "cdevents_replaced": 1,
        "dead_letters": 1,
    }
    function("deployment-frequency").post(TICK)
    assert answers(function) == before


@pytest.mark.usefixtures("old")
def test_a_dry_run_counts_and_removes_nothing(database: Database, commands: Commands) -> None:
    before = kept(database)

    done = commands.run("prune", "--older-than", "400d", "--dry-run")

    assert "1 in cloudevents_raw, 1 in cdevents_replaced, 1 in dead_letters" in done.stderr
    assert kept(database) == before


def test_a_replaced_report_that_metrics_have_to_look_at_stays(
    database: Database, function: Functions, commands: Commands
) -> None:
    for minute in (2, 1):
        event = cdevent(time=f"2026-01-05T12:0{minute}:00Z")
        function("cdevents-endpoint").post(carried(event))
    database.rows(f"update cdevents_replaced set replaced_at = {OLD}")

    commands.run("prune", "--older-than", "400d")
    waiting = kept(database)["cdevents_replaced"]
    record(function)
    commands.run("prune", "--older-than", "400d")

    assert (waiting, kept(database)["cdevents_replaced"]) == (1, 0)


@pytest.mark.parametrize("days", ["29d", "400", "1y", "-400d", "999999d", "400d "])
def test_a_time_that_is_none_or_too_short_is_refused(commands: Commands, days: str) -> None:
    done = commands.run("prune", f"--older-than={days}")

    assert done.returncode == 1
    assert "expected --older-than to be from 30d to 36500d, got" in done.stderr


def test_nobody_prunes_what_is_young(database: Database) -> None:
    with pytest.raises(Exception, match="expected a time at least 30 days ago"):
        database.rows("select prune_events(now(), 1)")
