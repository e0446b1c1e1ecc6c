"""Rows in, rows out: histories of CDEvents for the metrics."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from local.postgresql import Postgresql
from tests import connections
from tests.conftest import FUNCTIONS, Database, FunctionClient, Functions
from tests.events import carried, cloudevent

History = Callable[[Iterable[dict[str, Any]]], None]


@pytest.fixture
def happened(database: Database, function: Functions) -> History:
    """Let CDEvents happen: through the gate, and then to every metric, in this order."""

    def let_happen(events: Iterable[dict[str, Any]]) -> None:
        assert database
        happen(function, events)

    return let_happen


def happen(function: Functions, events: Iterable[dict[str, Any]]) -> None:
    """Let CDEvents happen in the database that functions use."""
    for event in events:
        recorded = function("cdevents-endpoint").post(carried(event))
        assert recorded.status_code == 200, recorded.text
        for metric in METRICS:
            answer = function(metric).post(recorded.data.decode(), **JSON)
            assert answer.status_code == 204, answer.text


@pytest.fixture(scope="module")
def modules_database(server: Postgresql) -> Iterator[Database]:
    """One database for all tests of a module."""
    made = Database(server)
    with connections.kept():
        yield made
    made.drop()


@pytest.fixture(scope="module")
def looked_at(modules_database: Database) -> Iterator[Database]:
    """The same, used from the first test on: for a module's tests that only look at what happened once."""
    with pytest.MonkeyPatch.context() as patch:
        modules_database.use(patch)
        yield modules_database


@pytest.fixture
def emptied_database(modules_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database in which nothing has happened, in less time than a new one takes."""
    modules_database.use(monkeypatch)
    modules_database.empty()
    return modules_database


class Answers:
    """What the metrics endpoint answers for the four weeks from minute 0, in one bucket."""

    def __init__(self, endpoint: FunctionClient) -> None:
        self.endpoint = endpoint

    def ask(self, path: str, **asked: Any) -> Any:
        """Return the answer to a question."""
        answer = self.endpoint.get(path, **FOUR_WEEKS | asked)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)

    def groups(self, metric: str, **asked: Any) -> list[dict[str, Any]]:
        """Return the groups of a metric."""
        groups: list[dict[str, Any]] = self.ask(f"/metrics/{metric}", bucket="all", **asked)[
            "groups"
        ]
        return groups

    def metric(self, metric: str, **asked: Any) -> dict[str, Any]:
        """Return the only group of a metric."""
        [group] = self.groups(metric, **asked)
        return group

    def rows(self, name: str, *parts: str, **asked: Any) -> list[tuple[Any, ...]]:
        """Return these parts of the rows of a list, the oldest first."""
        rows = self.ask(f"/{name}", **asked)[name]
        return [tuple(row[part] for part in parts) for row in reversed(rows)]

    def ids(self, is_so: str) -> list[str]:
        """Return the ids of the deployments that are so, such as is_failed."""
        return [name for name, so in self.rows("deployments", "id", is_so) if so]


Report = Callable[..., Answers]


@pytest.fixture
def report(database: Database, function: Functions) -> Report:
    """Report CDEvents to the gate in a batch, let each metric catch up; return what is answered."""
    assert database
    return reporting(function)


def reporting(function: Functions) -> Report:
    """Return the same for the database that functions use."""

    def report_all(*events: dict[str, Any]) -> Answers:
        batch = json.dumps([carried(event) for event in events])
        recorded = function("cdevents-endpoint").post(batch, content_type=BATCH)
        assert json.loads(recorded.data)["refused"] == []
        for metric in METRICS:
            assert function(metric).post(TICK).status_code == 204
        return Answers(function("metrics-endpoint"))

    return report_all


FOUR_WEEKS = {"from": "2026-01-05", "to": "2026-02-02"}
METRICS = [name for name, each in FUNCTIONS.items() if each.folder.parent.name == "metrics"]
JSON = {"content_type": "application/cloudevents+json"}
BATCH = "application/cloudevents-batch+json"
TICK = cloudevent(type="dev.knative.sources.ping", catchup="true")
