"""What is answered agrees with a second computation, on generated histories."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from dora import event_log, timeline
from dora.database import names_in, run
from dora.rebuilding import ALL, SCHEMA, Rebuild, rebuild
from tests.conftest import Database, Functions
from tests.events import carried
from tests.metrics.conftest import BATCH, METRICS, TICK
from tests.metrics.happenings import Event
from tests.metrics.histories import ENVIRONMENTS, Case, cases, catalogs
from tests.metrics.reference import History, answer, bucketed, question
from tests.metrics.reference.lists import changes, deployments, incidents

# How many histories are compared; the same ones each time, so that a change fails by what it changes.
EXAMPLES = int(os.environ.get("DORA_TEST_EXAMPLES", "10"))
AFTER_EACH_CHANGE = 2  # the others are long tests
NUMBERS = [
    pytest.param(number, marks=[pytest.mark.long] if number >= AFTER_EACH_CHANGE else [])
    for number in range(EXAMPLES)
]
each_of_all = pytest.mark.parametrize("random", NUMBERS, indirect=True)
# To follow events one by one, or to rebuild, takes longer.
each_of_half = pytest.mark.parametrize("random", NUMBERS[: (EXAMPLES + 1) // 2], indirect=True)
ALL_TIERS = ["production", "staging", "testing", "development"]
SPAN = {"from": "2025-01-01", "to": "2027-01-01", "limit": 1000}
EVER = SPAN | {"tier": ALL_TIERS}

REBUILDS = [ALL, *METRICS]
KEYS = ["source", "id", "deployment_source", "deployment", "repository", "sha"]

Json = dict[str, Any]


class Installation:
    """An empty database, and the functions that use it."""

    def __init__(self, database: Database, function: Functions, catalog: Path) -> None:
        self.database, self.function, self.catalog = database, function, catalog

    def empty(self, catalog: Json) -> None:
        self.database.empty()
        self.change_catalog(catalog)

    def change_catalog(self, catalog: Json) -> None:
        self.catalog.write_text(yaml.safe_dump(catalog))

    def follow(self, events: Iterable[Event]) -> None:
        """Let events happen, each recorded and then sent to every metric."""
        for event in events:
            recorded = self.function("cdevents-endpoint").post(carried(event))
            assert recorded.status_code == 200, recorded.text
            for metric in METRICS:
                content = {"content_type": "application/cloudevents+json"}
                answered = self.function(metric).post(recorded.data.decode(), **content)
                assert answered.status_code == 204, answered.text

    def record(self, events: list[Event]) -> None:
        """Only record events."""
        if not events:
            return
        batch = json.dumps([carried(event) for event in events])
        recorded = self.function("cdevents-endpoint").post(batch, content_type=BATCH)
        assert json.loads(recorded.data)["refused"] == []

    def tick(self) -> None:
        for metric in METRICS:
            assert self.function(metric).post(TICK).status_code == 204

    def ask(self, path: str, **asked: Any) -> Any:
        answered = self.function("metrics-endpoint").get(path, **asked)
        assert answered.status_code == 200, answered.text
        found = json.loads(answered.data)
        assert not found["rebuilding"]
        return found

    def answers(self, asked: Json) -> Json:
        """Return the lists of everything, and what is answered to a question."""
        found: Json = {
            "deployments": self.ask("/deployments", **EVER)["deployments"],
            **{
                f"changes in {name}": self.ask("/changes", **SPAN, environment=name)["changes"]
                for name in ENVIRONMENTS
            },
            "incidents": self.ask("/incidents", **EVER)["incidents"],
        }
        for metric in METRICS:
            answered = self.ask(f"/metrics/{metric}", bucket="week", **asked)
            [group] = answered["groups"]
            found[metric] = group | {"unknown_tier": answered["unknown_tier"]["deployments"]}
        return found


@pytest.fixture
def installation(
    modules_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    function: Functions,
    catalog: Path,
) -> Installation:
    modules_database.use(monkeypatch)
    # However busy the machine is, one tick catches up with all.
    monkeypatch.setattr(event_log, "CATCH_UP_SECONDS", 600)
    return Installation(modules_database, function, catalog)


@pytest.fixture
def random(request: pytest.FixtureRequest) -> Random:
    """What draws: otherwise for each test and number."""
    return Random(request.node.name)  # noqa: S311 - for histories, not for secrets


def agree(installation: Installation, case: Case) -> None:
    """Check that answers are what the second computation makes of the same events and catalog."""
    got, expected = installation.answers(case.asked), computed_again(case)
    compared = {name: _told(got[name], rows) for name, rows in expected.items()}
    one, other = _plain(compared), _plain(expected)
    assert one == other, {
        name: (one[name], other[name]) for name in one if one[name] != other[name]
    }


def computed_again(case: Case) -> Json:
    """Return what the second computation makes of a case."""
    history, asked, now = (
        History(case.events, case.catalog),
        question(case.asked),
        datetime.now(UTC),
    )
    lists = {
        "deployments": deployments(history),
        **{f"changes in {name}": changes(history, name) for name in ENVIRONMENTS},
        "incidents": incidents(history),
    }
    metrics = {
        metric: answer(metric, history, asked, now)
        | {"buckets": bucketed(metric, history, asked, now, "week")}
        for metric in METRICS
    }
    return {**lists, **metrics}


def _told(got: Any, expected: Any) -> Any:
    """Keep what the second computation has, too, in its order."""
    if isinstance(expected, dict):
        return {name: got[name] for name in expected}
    names = expected[0] if expected else KEYS
    kept = [{name: row.get(name) for name in names} for row in got]
    return sorted(kept, key=lambda row: [row.get(name) or "" for name in KEYS])


def _plain(part: Any) -> Any:
    """Write times and numbers in one way."""
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_plain(value) for value in part]
    if isinstance(part, datetime):
        return part.isoformat().replace("+00:00", "Z")
    return round(part, 6) if isinstance(part, int | float) else part


@each_of_all
def test_both_agree_on_what_was_caught_up(installation: Installation, random: Random) -> None:
    case = cases().draw(random)

    catch_up(installation, case, random.randint(0, 16))

    agree(installation, case)


@each_of_half
def test_both_agree_on_what_was_followed_live_in_any_order_and_with_repeats(
    installation: Installation, random: Random
) -> None:
    case = cases().draw(random)

    follow_live(installation, case, random)

    agree(installation, case)


@each_of_half
def test_both_agree_after_a_rebuild_that_was_interrupted_with_events_in_the_middle_of_it(
    installation: Installation, random: Random
) -> None:
    case = cases().draw(random)

    rebuild_in_the_middle(installation, case, random.randint(0, 16), random.choice(REBUILDS))

    agree(installation, case)


@each_of_half
def test_both_agree_after_the_catalog_changed_in_the_middle(
    installation: Installation, random: Random
) -> None:
    case, before = cases().draw(random), catalogs().draw(random)

    change_catalog_in_the_middle(installation, case, random.randint(0, 16), before)

    agree(installation, case)


def catch_up(installation: Installation, case: Case, size: int) -> None:
    """Catch up with events at two ticks."""
    installation.empty(case.catalog)
    for part in (case.events[:size], case.events[size:]):
        installation.record(part)
        installation.tick()


def follow_live(installation: Installation, case: Case, order: Random) -> None:
    """Follow events in any order, a third of them twice."""
    disorder = case.events + order.sample(case.events, len(case.events) // 3)
    order.shuffle(disorder)
    installation.empty(case.catalog)
    installation.follow(disorder)


def rebuild_in_the_middle(installation: Installation, case: Case, size: int, of: str) -> None:
    """Begin a rebuild after some events, end it after five of the log, and rebuild at the end."""
    installation.empty(case.catalog)
    installation.follow(case.events[:size])
    with pytest.MonkeyPatch.context() as patch, names_in(SCHEMA):
        patch.setattr(timeline, "BATCH_EVENTS", 5)
        run("commands/rebuild/wait_to_begin")
        Rebuild(of, restart=True).go_on(time.monotonic())
    installation.follow(case.events[size:])
    rebuild(of)


def change_catalog_in_the_middle(
    installation: Installation, case: Case, size: int, before: Json
) -> None:
    """Change the catalog after some events, and follow the others live."""
    installation.empty(before)
    installation.record(case.events[:size])
    installation.tick()
    installation.change_catalog(case.catalog)
    installation.follow(case.events[size:])
    installation.tick()
