"""A month through the whole stack: the same answers after a rebuild, a replay, and sent backwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from local.processes import clean_environment
from local.stack import DATABASE
from tests.events import cloudevent
from tests.local.conftest import RunningStack
from tests.local.test_one_history import METRICS
from tests.metrics.happenings import DAY, Event, deployed, incident, merged
from tests.tables import EMPTY, EMPTY_BUT_RECEIVED

SPAN = "from=2026-01-05&to=2026-02-02"
QUESTIONS = [
    f"/summary?{SPAN}",
    *(
        f"/metrics/{metric}?{SPAN}&bucket=day&group_by={by}&compare=previous"
        for metric in METRICS
        for by in ("service", "team")
    ),
    *(f"/{evidence}?{SPAN}&limit=1000" for evidence in ("deployments", "changes", "incidents")),
]
# What is made from the log, and the log with what stands beside it; what a tick reads first is first.
TABLES = "deployments, deployed_changes, shipped_changes, deployment_failures, recoveries, deployment_reworks"


def a_month() -> list[Event]:
    """Two services: each day a merge and a deployment, sometimes a rollback, a hotfix, an incident."""
    return [event for day in range(28) for event in a_day(day, day * DAY)]


def a_day(day: int, start: int) -> list[Event]:
    service = ("shop", "cart")[day % 2]
    named: dict[str, Any] = {"service": service, "repository": f"acme/{service}"}
    commit, number = f"c{day}", f"i{day}"
    events = [
        merged(
            commit, start + 60, f"{commit}-first", (commit, start), repository=f"acme/{service}"
        ),
        deployed(f"d{day}", start + 90, commit=commit, team=f"team of {service}", **named),
    ]
    if day % 5 == 2:
        events.append(incident("detected", start + 100, subject=number, service=service))
        events.append(deployed(f"hotfix{day}", start + 120, unplanned=True, **named))
        events.append(incident("resolved", start + DAY, subject=number, service=service))
    if day % 7 == 4:
        events.append(deployed(f"back{day}", start + 200, kind="rolledback", **named))
    return events


def tell(running: RunningStack, events: list[Event]) -> None:
    for event in events:
        posted = cloudevent(id=event["context"]["id"], type="dev.dora.webhooks.generic", data=event)
        assert running.send(posted).status_code == 202
    running.settle()


def answers(running: RunningStack) -> dict[str, Any]:
    assert running.rows("select reason from dead_letters") == []
    return {question: running.ask(question) for question in QUESTIONS}


def run(running: RunningStack, *command: str) -> None:
    environment = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(running.stack.settings.postgres_port),
        "PGDATABASE": DATABASE,
        "PGPASSWORD": running.stack.postgresql.password,
        "PGSSLMODE": "disable",
        "K_SINK": running.stack.broker_url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "dora", *command],
        env=clean_environment() | environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    running.settle()


def rebuilt(running: RunningStack) -> None:
    running.rows(f"truncate {TABLES}")
    run(running, "rebuild", "all")


def replayed(running: RunningStack) -> None:
    run(running, "replay", "--from", "2025-01-01")


def replayed_into_an_empty_log(running: RunningStack) -> None:
    running.rows(EMPTY_BUT_RECEIVED)
    run(running, "replay", "--from", "2025-01-01", "--restart")


def told_backwards(running: RunningStack) -> None:
    running.rows(EMPTY)
    tell(running, a_month()[::-1])


@pytest.fixture(scope="module")
def month(started_stack: RunningStack) -> tuple[RunningStack, dict[str, Any]]:
    """A stack that was sent the month in its order, and what it answers then."""
    started_stack.settle()
    started_stack.rows(EMPTY)
    tell(started_stack, a_month())
    return started_stack, answers(started_stack)


def test_all_five_metrics_have_something_to_tell(
    month: tuple[RunningStack, dict[str, Any]],
) -> None:
    _, told = month

    for service in told[QUESTIONS[0]]["services"]:
        values = [service["metrics"][metric]["value"] for metric in METRICS]
        assert all(values), values


@pytest.mark.parametrize("way", [rebuilt, replayed, replayed_into_an_empty_log, told_backwards])
def test_the_answers_are_the_same(
    month: tuple[RunningStack, dict[str, Any]], way: Callable[[RunningStack], None]
) -> None:
    running, told = month

    way(running)

    assert answers(running) == told
