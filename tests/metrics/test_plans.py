"""By which indexes an event and a question find what they need: plans.json, which --accept writes.

An index that is lost, or that a changed statement no longer uses, shows there.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dora import database as dora_database
from tests import connections
from tests.bench.queries import DAYS, GROUPED, PATHS
from tests.metrics.log_with_history import KINDS, Log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.postgresql import Postgresql
    from tests.conftest import Functions

LENGTH = 300
PLANS = Path(__file__).parent / "plans.json"
QUESTIONS = [
    f"{path}?{asked}"
    for path, filters in (*PATHS.items(), *GROUPED.items())
    for name, asked in filters.items()
    if name in {"", ", one service", ", by service, compared"}
]
# Each plan comes to the client as a notice, those of functions' statements too. A short table may as
# well be read as a whole: what no index finds, still is.
EXPLAINED = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "client_min_messages": "log",
    "enable_seqscan": "off",
}

Plans = dict[str, dict[str, list[str]]]
Expected = Callable[[str, dict[str, list[str]]], dict[str, list[str]]]


@pytest.fixture(scope="module")
def log(server: Postgresql) -> Iterator[Log]:
    """A log with a history, of which every plan is shown."""
    made = Log(server, LENGTH)
    for name, value in EXPLAINED.items():
        server.run("postgres", f"alter database {made.database.name} set {name} = '{value}'")
    made.writer.close()
    made.writer = server.connect(made.database.name, "dora_metrics")
    yield made
    dora_database.close()
    made.drop()


@pytest.fixture
def expected(pytestconfig: pytest.Config) -> Iterator[Expected]:
    """What the file has under a name; where plans are accepted, the plans themselves, which it gets."""
    known: Plans = json.loads(PLANS.read_text()) if PLANS.exists() else {}
    is_accepted = pytestconfig.getoption("accept")

    def expected_of(name: str, plans: dict[str, list[str]]) -> dict[str, list[str]]:
        if is_accepted:
            known[name] = plans
        return known[name]

    yield expected_of
    if is_accepted:
        PLANS.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_is_applied_by_the_indexes_of_its_plans(
    log: Log, kind: str, expected: Expected
) -> None:
    make = KINDS[kind]
    log.writer.notices = deque()

    log.follow(make(range(log.next, log.next + 2)))

    plans = read(log.writer.notices)
    assert plans == expected(kind, plans)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_the_indexes_of_its_plans(
    log: Log,
    question: str,
    expected: Expected,
    function: Functions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connections.close()
    log.database.use(monkeypatch)
    end = datetime.now(UTC).date() + timedelta(days=1)
    asked = f"{question}&from={end - timedelta(days=DAYS)}&to={end}"
    reader = function("metrics-endpoint")
    assert reader.get("/health/readiness").status_code == 200
    connection = dora_database._kept.connection
    assert connection is not None
    connection.notices = deque()

    answer = reader.get(asked)

    assert answer.status_code == 200, answer.text
    plans = read(connection.notices)
    assert plans == expected(question, plans)


def read(notices: deque[dict[bytes, bytes]]) -> dict[str, list[str]]:
    """Return which indexes plans use, and which tables they read as a whole."""
    nodes = [node for plan in plans_of(notices) for node in nodes_of(plan)]
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    whole = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    return {
        "by": sorted(name for name in used if not name.startswith("pg_")),
        "as a whole": sorted(name for name in whole if not name.startswith("pg_")),
    }


def plans_of(notices: deque[dict[bytes, bytes]]) -> Iterator[dict[str, Any]]:
    for notice in notices:
        message = notice[b"M"].decode()
        if "plan:\n" in message:
            yield json.loads(message.partition("plan:\n")[2])["Plan"]


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from nodes_of(child)
