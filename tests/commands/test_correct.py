"""What a person says of a deployment or an incident, as an event to the Broker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dora.cdevents.schemas import problem
from tests.commands.conftest import Commands, Sink
from tests.conftest import Functions

WHY = ("--because", "a false alarm", "--by", "ada")


@pytest.fixture
def commands(sink: Sink) -> Commands:
    """Without a database: a correction asks it nothing."""
    return Commands({"K_SINK": sink.url, "PGHOST": "127.0.0.1", "PGPORT": "1"})


def said(sink: Sink) -> dict[str, Any]:
    """Return the content of the only event, which has to be valid."""
    [body] = sink.bodies
    event = json.loads(body)
    assert problem(event["data"]) is None
    content: dict[str, Any] = event["data"]["subject"]["content"]
    return content


def test_a_deployment_did_not_fail(commands: Commands, sink: Sink) -> None:
    done = commands.run("correct", "deployment", "d1", "--not-failed", *WHY)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith(": d1 failed: False\n")
    assert said(sink) == {
        "deployment": {"id": "d1"},
        "failed": False,
        "by": "ada",
        "because": "a false alarm",
    }


@pytest.mark.parametrize(
    ("options", "part", "value"),
    [
        (["--counts"], "counts", True),
        (["--does-not-count"], "counts", False),
        (["--failed"], "failed", True),
        (["--unplanned"], "unplanned", True),
        (["--planned"], "unplanned", False),
        (["--commit", "c0ffee1"], "commit", "c0ffee1"),
        (
            ["--repository", "https://github.com/acme/shop"],
            "repository",
            "https://github.com/acme/shop",
        ),
        (["--service", "shop"], "service", "shop"),
        (["--take-back", "failed"], "failed", None),
    ],
)
def test_each_option_says_its_part_and_nothing_else(
    commands: Commands, sink: Sink, options: list[str], part: str, value: Any
) -> None:
    commands.run("correct", "incident", "i1", "--source", "/pager", *options, *WHY)

    content = said(sink)
    assert content["incident"] == {"id": "i1", "source": "/pager"}
    assert content[part] is value or content[part] == value
    assert content.keys() == {"incident", part, "by", "because"}


def test_who_says_it_is_who_runs_the_command_unless_told(commands: Commands, sink: Sink) -> None:
    commands.environment["LOGNAME"] = "grace"

    commands.run("correct", "deployment", "d1", "--not-failed", "--because", "x")

    assert said(sink)["by"] == "grace"


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--because", "x"], 1, "expected a correction to say one of counts, failed, "),
        (["--not-failed"], 2, "--because"),
        (["--not-failed", "--because", ""], 1, "subject.content.because: expected a string that"),
        (["--not-failed", "--because", "x", "--sink", "nowhere"], 1, "expected --sink or K_SINK"),
    ],
)
def test_what_is_no_correction_is_refused_and_nothing_sent(
    commands: Commands, sink: Sink, arguments: list[str], status: int, sentence: str
) -> None:
    done = commands.run("correct", "deployment", "d1", *arguments)

    assert done.returncode == status
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert sink.bodies == []


def test_who_has_no_broker_corrects_by_the_webhooks_endpoint(sink: Sink) -> None:
    webhooks = Commands({"DORA_WEBHOOKS_URL": sink.url, "DORA_TOKEN": "s3cret"})

    done = webhooks.run("correct", "deployment", "d1", "--not-failed", *WHY)

    assert done.returncode == 0
    assert sink.tokens == ["Bearer s3cret"]
    assert said(sink)["deployment"] == {"id": "d1"}


def test_what_the_broker_refuses_is_not_done(commands: Commands, sink: Sink) -> None:
    sink.answer = lambda _number: (400, "no")

    done = commands.run("correct", "deployment", "d1", "--not-failed", *WHY)

    assert (done.returncode, done.stderr) == (1, "the Broker refused this correction: 400 no\n")


def test_the_gate_records_what_the_command_sends(
    commands: Commands, sink: Sink, function: Functions, database: Any
) -> None:
    commands.run("correct", "deployment", "d1", "--not-failed", *WHY)

    answer = function("cdevents-endpoint").post(
        sink.bodies[0], content_type="application/cloudevents+json"
    )

    assert answer.status_code == 200
    assert database.rows("select cd_subject, cd_subject_id from cdevents_raw") == [
        ["dora-correction", "d1"]
    ]
