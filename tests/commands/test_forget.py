"""Forgetting: the event, what became of it, and every number that it was in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dora.commands.forget import pattern_of
from tests.commands.conftest import Commands
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent, example
from tests.metrics.conftest import METRICS

PUSH = example("github-transformer", "01")
TICK = cloudevent(type="dev.knative.sources.ping", catchup="true")
KEPT = ("cloudevents_raw", "cdevents_raw", "cdevents_replaced", "dead_letters")


@pytest.fixture
def commands(database: Database) -> Commands:
    """Commands on this test's database, as who installed it."""
    return Commands(database.environment)


def deployed(number: int, **custom: Any) -> dict[str, Any]:
    """Return the event of a deployment; later ones have larger numbers."""
    parts: dict[str, Any] = {
        "id": f"d{number}",
        "time": f"2026-01-0{number}T12:00:00Z",
        "custom": custom,
    }
    content = {"environment": {"id": "production"}, "artifactId": f"pkg:oci/shop?tag={number}"}
    return carried(cdevent(content=content, **parts))


def record(function: Functions, *events: dict[str, Any]) -> None:
    """Let CDEvents in, and the metrics count them."""
    for event in events:
        assert function("cdevents-endpoint").post(event).status_code in (200, 204)
    for metric in METRICS:
        assert function(metric).post(TICK).status_code == 204


def kept(database: Database) -> dict[str, int]:
    """Return how many events each table has."""
    return {name: database.rows(f"select count(*) from {name}")[0][0] for name in KEPT}


def test_the_metrics_are_those_without_the_event(
    database: Database, function: Functions, commands: Commands
) -> None:
    record(function, deployed(1), deployed(2), deployed(3))

    done = commands.run("forget", "--source", "/tests", "--id", "d2")

    assert done.returncode == 0, done.stderr
    assert "cdevents_raw: dev.cdevents.service.deployed.0.3.0 d2 of /tests" in done.stderr
    assert "the metrics are those without it" in done.stderr
    assert database.rows("select deploy_id from deployments order by 1") == [["d1"], ["d3"]]
    assert database.rows("select cd_id from service_events order by 1") == [["d1"], ["d3"]]
    assert database.rows("select count(*) from version_keys where cd_id = 'd2'") == [[0]]


def test_what_was_made_of_an_event_goes_with_it(
    database: Database, function: Functions, commands: Commands
) -> None:
    function("cloudevents-endpoint").post(PUSH)
    made = json.loads(function("github-transformer").post(PUSH, prefer="reply").data)
    assert made["cause"] == f"{PUSH['source']} {PUSH['id']}"
    record(function, made, deployed(1))
    assert kept(database) | {"cdevents_raw": 2} == kept(database)

    done = commands.run("forget", "--source", PUSH["source"], "--id", PUSH["id"])

    assert done.returncode == 0, done.stderr
    assert kept(database) == {**dict.fromkeys(KEPT, 0), "cdevents_raw": 1}
    assert database.rows("select count(*) from changes_merged") == [[0]]
    assert database.rows("select count(*) from steps") == [[0]]


@pytest.mark.parametrize("refuse", [False, True])
def test_a_second_sending_is_taken_or_not_as_asked(
    database: Database, function: Functions, commands: Commands, *, refuse: bool
) -> None:
    record(function, deployed(1))
    function("cloudevents-endpoint").post(cloudevent(source="/tests", id="d1"))

    again = ["--refuse-again"] if refuse else []
    commands.run("forget", "--source", "/tests", "--id", "d1", *again)
    record(function, deployed(1))
    assert function("cloudevents-endpoint").post(cloudevent(id="d1")).status_code == 204
    letter = cloudevent(id="d1", knativeerrordest="http://x")
    assert function("dead-letters-endpoint").post(letter).status_code == 204

    count = 0 if refuse else 1
    expected = dict.fromkeys(KEPT, count) | {"cdevents_replaced": 0}
    assert kept(database) == expected
    assert database.rows("select count(*) from deployments") == [[count]]
    refused = database.rows("select refused_count > 0 from forgotten_events")
    assert refused == ([[True]] if refuse else [])


def test_what_was_refused_may_be_let_in_again(
    database: Database, function: Functions, commands: Commands
) -> None:
    commands.run("forget", "--source", "/tests", "--id", "d1", "--refuse-again")

    commands.run("forget", "--source", "/tests", "--id", "d1")
    record(function, deployed(1))

    assert kept(database)["cdevents_raw"] == 1


def test_a_person_is_found_wherever_the_name_stands(
    database: Database, function: Functions, commands: Commands
) -> None:
    says = {"author": "Ada Lovelace <Ada@example.com>"}
    function("cloudevents-endpoint").post(cloudevent(id="hers", data=says))
    function("cloudevents-endpoint").post(cloudevent(id="his", data={"author": "adam"}))
    letter = cloudevent(id="letter", data={"by": "ada@example.com"}, knativeerrordest="http://x")
    function("dead-letters-endpoint").post(letter)
    record(function, deployed(1, team="ada@example.com"), deployed(2))

    shown = commands.run("forget", "--person", "ada@example.com", "--dry-run")
    before = kept(database)
    done = commands.run("forget", "--person", "ada@example.com")

    assert before == {**dict.fromkeys(KEPT, 1), "cloudevents_raw": 2, "cdevents_raw": 2} | {
        "cdevents_replaced": 0
    }
    assert "1 in cdevents_raw, 1 in cloudevents_raw, 1 in dead_letters" in shown.stderr
    assert done.returncode == 0, done.stderr
    assert database.rows("select ce_id from cloudevents_raw") == [["his"]]
    assert database.rows("select cd_id from cdevents_raw") == [["d2"]]
    assert database.rows("select count(*) from dead_letters") == [[0]]


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ('"ada"', True),
        ('"by": "Ada, of the team"', True),
        ('"adam"', False),
        ('"x-ada"', False),
        ('"ada@example.com"', False),
        ('"J\\u00fcrgen (ops)"', True),
        ('"Jürgen (ops)"', True),
        ('"Jürgen (opsx"', False),
    ],
)
def test_a_name_is_a_whole_word(database: Database, text: str, *, is_named: bool) -> None:
    sql = "select :text::text ~* :pattern::text"

    pattern = pattern_of(["ada", "Jürgen (ops)"])

    assert database.rows(sql, text=text, pattern=pattern) == [[is_named]]


@pytest.mark.parametrize(
    "arguments",
    [[], ["--source", "/a"], ["--id", "1"], ["--source", "/a", "--id", "1", "--person", "ada"]],
)
def test_what_is_named_by_half_is_refused(commands: Commands, arguments: list[str]) -> None:
    done = commands.run("forget", *arguments)

    assert done.returncode == 1
    assert "expected --source with --id, or --person, got neither or both" in done.stderr


def test_no_environment_and_no_source_is_known_that_nothing_names_any_more(
    database: Database, function: Functions, commands: Commands
) -> None:
    content = {"environment": {"id": "adas-laptop"}, "artifactId": "pkg:oci/shop?tag=9"}
    alone = carried(cdevent(id="alone", source="/home/ada", content=content))
    record(function, deployed(1), alone)

    done = commands.run("forget", "--source", "/home/ada", "--id", "alone")

    assert done.returncode == 0, done.stderr
    assert database.rows("select environment_name from named_environments") == [["production"]]
    assert database.rows("select distinct source from arrivals") == [["/tests"]]


def arrived(database: Database) -> list[list[Any]]:
    """Return how many of each source are counted, and how many of them came before they happened."""
    return database.rows(
        "select source, sum(events)::int, sum(events_ahead)::int from arrivals group by 1 order by 1"
    )


def test_of_a_source_that_goes_on_only_what_is_gone_is_not_counted_any_more(
    database: Database, function: Functions, commands: Commands
) -> None:
    soon = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    record(function, deployed(1), deployed(2), carried(cdevent(id="d3", time=soon)))
    function("cloudevents-endpoint").post(PUSH)
    assert arrived(database) == [["/tests", 3, 1], [PUSH["source"], 1, 0]]

    done = commands.run("forget", "--source", "/tests", "--id", "d2", "--id", "d3")

    assert done.returncode == 0, done.stderr
    assert arrived(database) == [["/tests", 1, 0], [PUSH["source"], 1, 0]]
