"""A change of the catalog applies to the past by itself."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from dora import database as dora_database
from dora import event_log, timeline
from tests.conftest import Database, Functions
from tests.events import carried
from tests.metrics.conftest import METRICS, TICK
from tests.metrics.happenings import deployed, incident, merged
from tests.waiting import wait_until

NO_CATALOG = "services: {}"
ONE_SERVICE = "services: {shop: {aliases: [shop-api, cart], team: a}}"
OTHER_WAY = "services: {shop-api: {aliases: [shop], team: b, repositories: [https://x.io/y]}}"
ONE_ENVIRONMENT = "environments: {prod-us: production, prod-eu: production}\ntiers: {blue: staging}"
DEFAULT = "default_environment: blue\nservices: {shop: {environments: [blue]}}"
CHANGES = [
    [NO_CATALOG, ONE_SERVICE],
    [ONE_SERVICE, NO_CATALOG],
    [ONE_SERVICE, OTHER_WAY],
    [ONE_ENVIRONMENT, ONE_SERVICE, ONE_ENVIRONMENT],
    [NO_CATALOG, ONE_ENVIRONMENT, DEFAULT],
    [ONE_SERVICE, DEFAULT, ONE_SERVICE],
]
PLACES = [
    ("shop", "production"),
    ("shop-api", "prod-us"),
    ("cart", "prod-eu"),
    ("shop", "prod-us"),
    ("shop", "blue"),
    ("shop-api", "production"),
]
# What says how far it is, and no number.
MARKS = {"processed_events", "applied_events", "stale_deployments"}
STATE = "select version = applied_version from catalog_state"


def events() -> list[dict[str, Any]]:
    """Make deployments at each place, of three versions, with changes and incidents."""
    made: list[dict[str, Any]] = [merged(f"c{number}", number) for number in range(3)]
    for number in range(18):
        service, environment = PLACES[number % len(PLACES)]
        version, place = number // len(PLACES), {"service": service, "environment": environment}
        made.append(
            deployed(
                f"d{number}",
                10 + number,
                artifact=f"pkg:oci/shop?tag={version % 2}",
                commit=f"c{version}",
                **place,
            )
        )
        if number % 5 == 0:
            made.append(incident("detected", 10 + number, subject=f"i{number}", **place))
    return made


def record(function: Functions, told: list[dict[str, Any]]) -> list[str]:
    answers = [function("cdevents-endpoint").post(carried(event)) for event in told]
    return [answer.data.decode() for answer in answers]


def tick(function: Functions) -> None:
    for metric in METRICS:
        answer = function(metric).post(TICK)
        assert answer.status_code == 204, answer.text


def computed(database: Database) -> dict[str, list[str]]:
    """Return the rows of every table that is computed."""
    tables = [each for name in METRICS for each in dora_database.one(f"metrics/{name}/tables")]
    shared = [each for each in dora_database.one("metrics/tables") if each not in MARKS]
    sql = "select to_jsonb(t) from {} as t"
    return {
        table: sorted(json.dumps(row) for [row] in database.rows(sql.format(table)))
        for table in [*shared, *tables]
    }


@pytest.fixture
def from_the_beginning(
    database: Database, function: Functions, catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Compute everything with one catalog in a database of its own."""

    def compute(text: str) -> dict[str, list[str]]:
        other = type(database)(database.server)
        dora_database.close()
        other.use(monkeypatch)
        catalog.write_text(text)
        record(function, events())
        for _ in range(8):
            tick(function)
        tables = computed(other)
        dora_database.close()
        other.drop()
        catalog.unlink()
        database.use(monkeypatch)
        return tables

    return compute


@pytest.fixture
def short_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick has time for one batch of five events."""
    monkeypatch.setattr(timeline, "BATCH_EVENTS", 5)
    monkeypatch.setattr(event_log, "CATCH_UP_SECONDS", 0)


@pytest.mark.long
@pytest.mark.parametrize("changes", CHANGES)
def test_catalogs_that_change_in_the_middle_give_what_the_last_one_gives_from_the_beginning(
    database: Database,
    function: Functions,
    catalog: Path,
    from_the_beginning: Any,
    changes: list[str],
) -> None:
    expected = from_the_beginning(changes[-1])
    all_events, part = events(), len(events()) // len(changes)

    for number, text in enumerate(changes):
        catalog.write_text(text)
        until = None if text is changes[-1] and number == len(changes) - 1 else part * (number + 1)
        for event in record(function, all_events[part * number : until]):
            for metric in METRICS:
                function(metric).post(event, content_type="application/cloudevents+json")
        tick(function)

    assert database.rows(STATE) == [[True]]
    assert computed(database) == expected
    assert all(expected[name] for name in ("timeline", "deployments"))


@pytest.mark.parametrize("changes", CHANGES[:2])
@pytest.mark.usefixtures("short_ticks")
def test_it_takes_as_many_ticks_as_it_needs_and_old_answers_are_served_meanwhile(
    database: Database,
    function: Functions,
    catalog: Path,
    from_the_beginning: Any,
    changes: list[str],
) -> None:
    before, expected = (from_the_beginning(text) for text in changes)
    catalog.write_text(changes[0])
    *most, last = events()
    record(function, most)
    for _ in range(6):
        tick(function)
    catalog.write_text(changes[1])

    served: list[Any] = []
    while not served or database.rows(STATE) != [[True]]:
        if len(served) == 1:
            record(function, [last])
        function("deployment-frequency").post(TICK)
        served.append(computed(database)["deployments"])
    tick(function)

    assert len(served) > 4
    assert served[-2] == before["deployments"] != expected["deployments"]
    assert computed(database)["deployments"] == expected["deployments"]


@pytest.mark.usefixtures("short_ticks")
def test_another_change_in_the_middle_begins_anew(
    database: Database,
    function: Functions,
    catalog: Path,
    from_the_beginning: Any,
) -> None:
    expected = from_the_beginning(OTHER_WAY)
    record(function, events())
    for _ in range(6):
        tick(function)
    catalog.write_text(ONE_SERVICE)
    for _ in range(3):
        function("deployment-frequency").post(TICK)
    catalog.write_text(OTHER_WAY)

    while database.rows(STATE) != [[True]]:
        function("deployment-frequency").post(TICK)

    assert computed(database)["timeline"] == expected["timeline"]


def test_one_instance_does_it_and_others_go_on_with_their_own(
    database: Database, function: Functions, catalog: Path
) -> None:
    record(function, events())
    tick(function)
    catalog.write_text(ONE_SERVICE)
    other = database.server.connect(database.name)
    other.run("select pg_advisory_lock(hashtextextended('rebuilding', 0))")

    tick(function)
    assert database.rows(STATE) == [[False]]
    other.close()
    tick(function)

    assert database.rows(STATE) == [[True]]


def test_an_interrupted_one_changes_nothing_and_the_next_tick_goes_on(
    database: Database,
    function: Functions,
    catalog: Path,
    from_the_beginning: Any,
) -> None:
    expected = from_the_beginning(ONE_SERVICE)
    record(function, events())
    tick(function)
    before = computed(database)
    catalog.write_text(ONE_SERVICE)
    other = database.server.connect(database.name)
    other.run("begin")
    other.run("lock table deployments in share mode")  # readers go on, the exchange waits

    ticking = threading.Thread(target=_tick_beside, args=[function])
    ticking.start()
    waiting = (
        "select pid from pg_stat_activity where wait_event_type = 'Lock'"
        " and datname = current_database()"
    )
    wait_until(lambda: database.rows(waiting))
    assert computed(database) == before
    database.rows(f"select pg_terminate_backend(pid) from ({waiting}) as waits")
    ticking.join()
    other.close()

    assert computed(database) == before
    tick(function)
    assert computed(database)["timeline"] == expected["timeline"]


def _tick_beside(function: Functions) -> None:
    function("deployment-frequency").post(TICK)
    dora_database.close()
