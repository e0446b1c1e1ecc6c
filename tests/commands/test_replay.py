"""Kept events through the Broker again."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from dora.times import TIMES
from tests.commands.conftest import Commands, Sink
from tests.conftest import Database, Functions
from tests.events import cloudevent
from tests.waiting import PATIENCE_SECONDS

SINCE = ("--from", "2026-01-01")


def _keep(function: Functions, *events: dict[str, Any]) -> None:
    answer = function("cloudevents-endpoint").post(
        json.dumps(events), content_type="application/cloudevents-batch+json"
    )
    assert (answer.json or {})["refused"] == []


def _many(count: int) -> list[dict[str, Any]]:
    return [cloudevent(id=str(number)) for number in range(count)]


def test_events_are_sent_in_the_order_of_their_arrival_over_one_connection(
    commands: Commands, sink: Sink, function: Functions
) -> None:
    _keep(function, *reversed(_many(250)))

    done = commands.run("replay", *SINCE)

    assert (done.returncode, done.stdout) == (0, "")
    assert sink.ids == [str(number) for number in reversed(range(250))]
    assert sink.connections == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("250 of 250 events, ")
    assert last.endswith("/s, 0 s left")


# name → (arguments, the ids that are sent)
SPANS: dict[str, tuple[list[str], list[str]]] = {
    "from": (["--from", "2026-01-02"], ["2", "3", "github"]),
    "from a time with an offset": (["--from", "2026-01-03T01:00:00+01:00"], ["3", "github"]),
    "to": (["--from", "2026-01-01", "--to", "2026-01-03"], ["1", "2"]),
    "type": (["--from", "2026-01-01", "--type", "dev.git"], ["github"]),
    "source": (["--from", "2026-01-01", "--source", "/other"], ["2"]),
    "nothing": (["--from", "2027-01-01"], []),
}


@pytest.mark.parametrize("span", SPANS)
def test_only_what_was_asked_for_is_sent(
    commands: Commands, sink: Sink, function: Functions, span: str
) -> None:
    arguments, expected = SPANS[span]
    _keep(
        function,
        cloudevent(id="1", time="2026-01-01T00:00:00Z"),
        cloudevent(id="2", time="2026-01-02T00:00:00Z", source="/other"),
        cloudevent(id="3", time="2026-01-03T00:00:00Z"),
        cloudevent(id="github", time="2026-01-03T00:00:00Z", type="dev.github.push"),
    )

    done = commands.run("replay", *arguments)

    assert (done.returncode, sink.ids) == (0, expected)


def test_an_event_is_sent_as_it_was_kept(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    text = (
        '{"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "time": "%s", "data": %s}'
    )
    data = '{"n": 12345678901234567890.123456789}'
    base64 = cloudevent(data=None, datacontenttype="image/png", data_base64="/zxhPg==")
    function("cloudevents-endpoint").post(
        text % ("2026-01-05T12:00:00Z", data), content_type="application/cloudevents+json"
    )
    _keep(function, base64)

    commands.run("replay", *SINCE)

    assert database
    assert data in sink.bodies[0]
    assert json.loads(sink.bodies[1]) == base64


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_after_ctrl_c_the_same_command_sends_exactly_the_rest(
    commands: Commands, sink: Sink, function: Functions, number: signal.Signals
) -> None:
    _keep(function, *_many(1000))

    stopped = commands.interrupt(number, sink, 130, "replay", *SINCE)
    before = len(sink.bodies)
    done = commands.run("replay", *SINCE)

    assert stopped.returncode == 130
    assert stopped.stderr.endswith("stopped; the same command goes on from here\n")
    assert before == 131
    first, *_, last = done.stderr.splitlines()
    assert first == "going on after 131 events"
    assert last.startswith("1,000 of 1,000 events, ")
    assert sink.ids == [str(number) for number in range(1000)]


def test_after_a_crash_a_hundred_events_at_most_are_sent_twice(
    commands: Commands, sink: Sink, function: Functions
) -> None:
    _keep(function, *_many(1000))

    commands.interrupt(signal.SIGKILL, sink, 130, "replay", *SINCE)
    done = commands.run("replay", *SINCE)

    assert done.returncode == 0
    assert set(sink.ids) == {str(number) for number in range(1000)}
    assert len(sink.ids) <= 1000 + 101


def test_a_broker_that_goes_away_stops_it_and_the_same_command_goes_on(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    _keep(function, *_many(20))
    sink.answer = lambda number: (202, "") if number < 10 else (503, "the broker is\nfull")
    process = commands.start("replay", *SINCE)
    sink.wait_for_requests(12)

    process.send_signal(signal.SIGINT)  # while it waits for the next attempt
    _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    sink.answer = lambda _number: (202, "")
    done = commands.run("replay", *SINCE)

    assert process.returncode == 1
    assert errors.endswith(f"{sink.url} takes no events: 503 the broker is full\n")
    assert done.returncode == 0
    assert sink.ids == [str(number) for number in range(20)]
    assert database.rows("select done_count, finished_at is null from replays") == [[20, False]]


def test_a_broker_that_is_full_for_a_moment_is_asked_again(
    commands: Commands, sink: Sink, function: Functions
) -> None:
    _keep(function, *_many(3))
    sink.answer = lambda number: (503, "full") if number == 1 else (202, "")

    done = commands.run("replay", *SINCE)

    assert (done.returncode, sink.ids) == (0, ["0", "1", "2"])


def test_an_event_that_the_broker_refuses_is_told_and_passed_over(
    commands: Commands, sink: Sink, function: Functions
) -> None:
    _keep(function, *_many(3))
    sink.answer = lambda number: (413, "too\nlarge") if number == 1 else (202, "")

    done = commands.run("replay", *SINCE)

    assert (done.returncode, sink.ids) == (1, ["0", "2"])
    assert "event 2 was refused: 413 too large\n" in done.stderr


def test_a_finished_replay_may_be_done_again(
    commands: Commands, sink: Sink, function: Functions
) -> None:
    _keep(function, *_many(2))

    for _ in range(2):
        assert commands.run("replay", *SINCE).returncode == 0

    assert sink.ids == ["0", "1", "0", "1"]


def test_restart_begins_an_interrupted_one_anew(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    _keep(function, *_many(3))
    commands.run("replay", *SINCE)
    database.rows("update replays set finished_at = null, after_event_id = 2, done_count = 2")

    commands.run("replay", *SINCE, "--restart")

    assert sink.ids == ["0", "1", "2"] * 2


# name → (arguments, the sentence)
WRONG: dict[str, tuple[list[str], str]] = {
    "no time": (
        ["--from", "yesterday"],
        f"expected from to be {TIMES}, got 'yesterday'",
    ),
    "the wrong way round": (
        ["--from", "2026-02-01", "--to", "2026-01-01"],
        "expected from to be before to, got from 2026-02-01T00:00:00Z and to 2026-01-01T00:00:00Z",
    ),
    "no address": (
        [*SINCE, "--sink", "broker"],
        "expected --sink or K_SINK to be the Broker's http address, got broker",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_done_is_told_in_one_sentence(commands: Commands, kind: str) -> None:
    arguments, sentence = WRONG[kind]

    done = commands.run("replay", *arguments)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sentence}\n")


def test_a_database_that_is_away_is_told_in_one_sentence(commands: Commands) -> None:
    commands.environment["PGPORT"] = "1"

    done = commands.run("replay", *SINCE)

    assert done.returncode == 1
    assert done.stderr.startswith("the database is away: ")
    assert done.stderr.count("\n") == 1
