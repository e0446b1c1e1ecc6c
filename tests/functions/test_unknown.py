"""Nothing vanishes: what nobody knows the shape of, and what the Broker refuses."""

from __future__ import annotations

import base64
import json
import random
import zlib
from collections.abc import Callable

import pytest
import yaml
from cloudevents.http import CloudEvent

from dora.errors import PermanentError
from dora.function import UNKNOWN
from dora.refused import MAX_BYTES, REFUSED, report_of
from dora.tools.shapes import SHAPES
from local.filters import trigger_filter
from local.functions import REPOSITORY
from tests.conftest import Database, Functions
from tests.events import cloudevent
from tests.sink import Sink, sink

__all__ = ["sink"]
STRUCTURED = "application/cloudevents+json"
LETTERS = "select ce_source, ce_id, ce_type, destination, reason, content::text from dead_letters"
TRIGGERS = sorted(REPOSITORY.glob("triggers/*.yaml"))
# Tool, or tool and kind of event → the type of an event, where it is none of the webhooks endpoint's own.
TYPES = {
    "tekton": "dev.tekton.event.pipelinerun.successful.v1",
    "github": "dev.knative.source.github",
    "gitlab": "dev.knative.sources.gitlab",
}


def taking(kind: str) -> list[str]:
    """Return the Triggers that take an event of a type."""
    return [
        file.stem
        for file in TRIGGERS
        if trigger_filter(yaml.safe_load(file.read_text())["spec"])({"type": kind})
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_transformer_replies_that_it_does_not_know_a_shape(
    function: Functions, shape: str
) -> None:
    tool, _, event = shape.partition(".")
    kind = f"{TYPES.get(tool, f'dev.dora.webhooks.{tool}')}.{event}".rstrip(".")
    assert f"{tool}-transformer" in taking(kind)

    answer = function(f"{tool}-transformer").post(cloudevent(type=kind))

    reply = json.loads(answer.data)
    assert (reply["type"], reply["source"], reply["id"]) == (UNKNOWN, "/tests", "1/unknown")
    assert reply["data"]["type"] == kind
    assert reply["data"]["because"].startswith("expected ")


def test_the_reply_is_kept_and_shown_and_never_transformed() -> None:
    assert taking(UNKNOWN) == ["cloudevents-endpoint"]


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


@pytest.fixture
def report(
    function: Functions, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """Return what the webhooks endpoint reports of a webhook that the Broker refuses."""
    monkeypatch.setenv("WEBHOOK_JENKINS_SECRETS", "s3cret")
    sink.most_bytes = 10_000

    def refused(body: str) -> str:
        answer = function("webhooks-endpoint").post(body, "/jenkins", Authorization="Bearer s3cret")
        assert (answer.status_code, answer.text) == (400, "the Broker refuses this event with 413")
        [found] = sink.bodies
        assert taking(json.loads(found)["type"]) == ["dead-letters-endpoint"]
        kept = function("dead-letters-endpoint").post(found, content_type=STRUCTURED)
        assert kept.status_code == 204
        return str(json.loads(found)["id"])

    return refused


def test_a_webhook_that_the_broker_refuses_is_a_dead_letter_to_be_sent_again(
    report: Callable[[str], str], database: Database
) -> None:
    id_ = report(json.dumps({"large": "x" * 20_000})).removesuffix("/refused")

    [[source, kept_id, kind, destination, reason, content]] = database.rows(LETTERS)
    assert (source, kept_id, kind) == ("/webhooks/jenkins", id_, "dev.dora.webhooks.jenkins")
    assert (destination, reason) == ("the Broker", "the Broker refuses this event with 413")
    assert json.loads(content)["data"] == {"large": "x" * 20_000}
    assert json.loads(content)["id"] == id_


def test_the_report_of_what_was_refused_is_part_of_its_trace() -> None:
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    event = CloudEvent({"type": "t", "source": "/s", "traceparent": parent}, {})

    report = report_of(event, PermanentError("no"), whole=True)

    assert report["traceparent"] == parent


def test_of_a_webhook_that_is_too_large_even_compressed_its_type_and_id_are_kept(
    report: Callable[[str], str], database: Database
) -> None:
    id_ = report(json.dumps({"large": random.Random(1).randbytes(20_000).hex()}))  # noqa: S311

    [[_, kept_id, kind, _, reason, content]] = database.rows(LETTERS)
    assert (kept_id, kind, reason) == (id_, REFUSED, "the Broker refuses this event with 413")
    assert json.loads(content)["data"] == {
        "type": "dev.dora.webhooks.jenkins",
        "id": id_.removesuffix("/refused"),
    }


@pytest.mark.parametrize(
    "carried",
    [
        "no base64",
        base64.b64encode(b"not compressed").decode(),
        base64.b64encode(zlib.compress(b"no JSON")).decode(),
        base64.b64encode(zlib.compress(b"[]")).decode(),
        base64.b64encode(zlib.compress(b"0" * (MAX_BYTES + 1))).decode(),
    ],
    ids=["text", "bytes", "no JSON", "a list", "a bomb"],
)
def test_a_report_that_carries_no_event_is_kept_as_it_is(
    function: Functions, database: Database, carried: str
) -> None:
    given = cloudevent(type=REFUSED, data={"event": carried})

    assert function("dead-letters-endpoint").post(given).status_code == 204

    assert database.rows("select ce_type from dead_letters") == [[REFUSED]]
