"""Dead letters through the Broker again."""

from __future__ import annotations

import base64
import json
import signal
from typing import Any

import pytest

from tests.commands.conftest import Commands, Sink
from tests.conftest import Database, Functions
from tests.events import cloudevent

GATE, METRIC = "http://cdevents-endpoint/", "http://deployment-frequency/"
OPEN = "select ce_id from dead_letters where is_open order by dead_letter_id"


def _bury(function: Functions, reason: str = "wrong", where: str = GATE, **event: Any) -> None:
    letter = cloudevent(
        knativeerrordest=where,
        knativeerrorcode="422",
        knativeerrordata=base64.b64encode(reason.encode()).decode(),
        **event,
    )
    assert function("dead-letters-endpoint").post(letter).status_code == 204


def test_dead_letters_are_sent_again_without_what_the_broker_added_and_marked(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    _bury(function, id="1")
    _bury(function, id="2")

    done = commands.run("redrive")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines()[-1].startswith("2 of 2 events, ")
    assert [json.loads(body) for body in sink.bodies] == [cloudevent(id="1"), cloudevent(id="2")]
    assert database.rows("select redriven_at <= now() and not is_open from dead_letters") == [
        [True],
        [True],
    ]


def test_what_was_sent_again_is_not_sent_a_third_time(
    commands: Commands, sink: Sink, function: Functions
) -> None:
    _bury(function)

    for _ in range(2):
        commands.run("redrive")

    assert len(sink.bodies) == 1


def test_what_is_refused_again_is_open_again_even_before_the_broker_answers(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    _bury(function, id="mended")
    _bury(function, id="broken")
    again = (
        "update dead_letters set refused_count = refused_count + 1,"
        " last_refused_at = clock_timestamp() where ce_id = 'broken'"
    )
    sink.answer = lambda number: (202, str(database.rows(again) if number == 1 else ""))

    done = commands.run("redrive")

    assert done.returncode == 0
    assert sink.ids == ["mended", "broken"]
    assert database.rows(OPEN) == [["broken"]]
    assert database.rows("select refused_count from dead_letters where is_open") == [[2]]


FILTERS: dict[str, tuple[list[str], list[str]]] = {
    "the whole reason": (["--reason", "100% wrong"], ["1"]),
    "a part of the reason": (["--reason", "*wrong*"], ["1", "2"]),
    "no wildcard of SQL": (["--reason", "100_ wrong"], []),
    "destination": (["--destination", "*deployment-frequency*"], ["2", "3"]),
    "type": (["--type", "dev.cdevents."], ["3"]),
    "limit": (["--limit", "2"], ["1", "2"]),
    "from": (["--from", "2000-01-01"], ["1", "2", "3"]),
    "to": (["--to", "2000-01-01"], []),
    "several": (["--reason", "*wrong*", "--destination", f"{METRIC}*"], ["2"]),
}


@pytest.mark.parametrize("kind", FILTERS)
def test_only_what_was_asked_for_is_sent(
    commands: Commands, sink: Sink, function: Functions, database: Database, kind: str
) -> None:
    arguments, expected = FILTERS[kind]
    _bury(function, "100% wrong", id="1")
    _bury(function, "very wrong", METRIC, id="2")
    _bury(function, "away", METRIC, id="3", type="dev.cdevents.service.deployed.0.3.0")

    done = commands.run("redrive", *arguments)

    assert (done.returncode, sink.ids) == (0, expected)
    left = [[each] for each in ("1", "2", "3") if each not in expected]
    assert database.rows(OPEN) == left


def test_a_dry_run_counts_by_destination_and_reason_and_sends_nothing(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    _bury(function, "wrong", id="1")
    _bury(function, "away\nfor now", METRIC, id="2")
    _bury(function, "wrong", id="3")

    done = commands.run("redrive", "--dry-run")

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"       2  {GATE}  wrong",
        f"       1  {METRIC}  away for now",
    ]
    assert sink.bodies == []
    assert len(database.rows(OPEN)) == 3


def test_a_letter_is_sent_to_the_letter(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    attributes = {"ce_id": "1", "ce_source": "/tests", "ce_type": "t", "ce_specversion": "1.0"}
    body = b'{"n": 1.10, "n": 12345678901234567890.1, "text": "a\\u0000b \\ud800"}'
    for content_type in ("application/json", "image/png"):
        function("dead-letters-endpoint").post(
            body, content_type=content_type, **attributes | {"ce_source": content_type}
        )

    commands.run("redrive")

    kept = database.rows("select content::text from dead_letters order by dead_letter_id")
    assert [[sent] for sent in sink.bodies] == kept
    assert body.decode() in sink.bodies[0]
    assert base64.b64decode(json.loads(sink.bodies[1])["data_base64"]) == body


def test_what_is_no_valid_event_is_sent_as_it_came_for_the_broker_to_judge(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    _bury(function, specversion="0.3")
    _bury(function, id="2", note="a\tb")
    function("dead-letters-endpoint").post(b"{", content_type="application/cloudevents+json")
    sink.answer = lambda number: (400, "no CloudEvent") if number == 2 else (202, "")

    done = commands.run("redrive")

    assert done.returncode == 1
    assert "dead letter 3 was refused: 400 no CloudEvent\n" in done.stderr
    sent = [cloudevent(specversion="0.3"), cloudevent(id="2", note="a\tb")]
    assert [json.loads(body) for body in sink.bodies] == sent
    assert database.rows("select dead_letter_id from dead_letters where is_open") == [[3]]


def test_what_the_broker_refuses_stays_open(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    for number in range(3):
        _bury(function, id=str(number))
    sink.answer = lambda number: (413, "too large") if number == 1 else (202, "")

    done = commands.run("redrive")

    assert done.returncode == 1
    assert "dead letter 2 was refused: 413 too large\n" in done.stderr
    assert database.rows(OPEN) == [["1"]]


def test_after_ctrl_c_the_same_command_sends_exactly_the_rest(
    commands: Commands, sink: Sink, function: Functions, database: Database
) -> None:
    _bury(function)
    database.rows(
        "insert into dead_letters (ce_source, ce_id, ce_type, content, destination, reason)"
        " select '/many', n, 't', json_build_object('id', n::text), '', ''"
        " from generate_series(1, 500) as n"
    )

    stopped = commands.interrupt(signal.SIGINT, sink, 50, "redrive")
    before = len(sink.bodies)
    done = commands.run("redrive")

    assert stopped.returncode == 130
    assert stopped.stderr.endswith("stopped; the same command sends the others\n")
    assert before == 51
    assert done.returncode == 0
    assert len(sink.ids) == 501
    assert len({*sink.bodies}) == 501


def test_a_limit_below_one_is_refused(commands: Commands) -> None:
    done = commands.run("redrive", "--limit", "0")

    assert (done.returncode, done.stderr) == (1, "expected --limit to be 1 or more, got 0\n")


def test_a_database_made_before_is_upgraded_with_its_rows(
    database: Database, function: Functions
) -> None:
    _bury(function, id="old")
    database.rows("alter table dead_letters drop column is_open, drop column redriven_at")

    for _ in range(2):
        database.server.install(database.name)

    assert database.rows(OPEN) == [["old"]]
