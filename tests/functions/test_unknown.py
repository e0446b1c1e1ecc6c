"""Nothing vanishes: what nobody knows the shape of, and what the Broker refuses."""

from __future__ import annotations

import json

import pytest
import yaml

from dora.function import REFUSED, UNKNOWN
from dora.tools.shapes import SHAPES
from local.filters import trigger_filter
from local.functions import REPOSITORY
from tests.conftest import Database, Functions
from tests.events import cloudevent
from tests.sink import Sink, sink

__all__ = ["sink"]
TRIGGERS = sorted(REPOSITORY.glob("triggers/*.yaml"))
TYPES = {"tekton": "dev.tekton.event.pipelinerun.successful.v1"}


def taking(kind: str) -> list[str]:
    """Return the Triggers that take an event of a type."""
    return [
        file.stem
        for file in TRIGGERS
        if trigger_filter(yaml.safe_load(file.read_text())["spec"])({"type": kind})
    ]


@pytest.mark.parametrize("tool", SHAPES)
def test_a_transformer_replies_that_it_does_not_know_a_shape(
    function: Functions, tool: str
) -> None:
    kind = TYPES.get(tool, f"dev.dora.webhooks.{tool}")

    answer = function(f"{tool}-transformer").post(cloudevent(type=kind))

    reply = json.loads(answer.data)
    assert (reply["type"], reply["source"], reply["id"]) == (UNKNOWN, "/tests", "1/unknown")
    assert reply["data"]["type"] == kind
    assert reply["data"]["because"].startswith("expected ")


def test_the_reply_is_kept_and_shown_and_never_transformed() -> None:
    assert taking(UNKNOWN) == ["cloudevents-endpoint", "sockeye"]


def test_the_reply_is_kept(function: Functions, database: Database) -> None:
    reply = function("flux-transformer").post(cloudevent(type="dev.dora.webhooks.flux"))

    assert (
        function("cloudevents-endpoint")
        .post(reply.data.decode(), content_type=reply.content_type)
        .status_code
        == 204
    )
    assert database.rows("select ce_type, content #>> '{data,because}' from cloudevents_raw") == [
        [UNKNOWN, "expected involvedObject.kind, got none"]
    ]


def test_a_webhook_that_the_broker_refuses_is_a_dead_letter(
    function: Functions, database: Database, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_JENKINS_SECRETS", "s3cret")
    sink.most_bytes = 10_000
    body = json.dumps({"large": "x" * 20_000})

    answer = function("webhooks-endpoint").post(body, "/jenkins", Authorization="Bearer s3cret")

    assert (answer.status_code, answer.text) == (400, "the Broker refuses this event with 413")
    [report] = sink.bodies
    assert taking(json.loads(report)["type"]) == ["dead-letters-endpoint", "sockeye"]
    kept = function("dead-letters-endpoint").post(
        report, content_type="application/cloudevents+json"
    )
    assert kept.status_code == 204
    assert database.rows("select ce_source, ce_type, destination, reason from dead_letters") == [
        ["/webhooks/jenkins", REFUSED, "the Broker", "the Broker refuses this event with 413"]
    ]
