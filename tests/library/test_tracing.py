"""A trace goes on through what becomes of an event: by its extensions, and by the requests' headers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dora import sink
from dora.tracing import NAMES, trace_of
from tests.broker.stand import Answer, Subscriber
from tests.conftest import Database, Functions
from tests.events import FINISHED, RECORDED, carried, cdevent

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b8-01"
TRACE = {"traceparent": PARENT, "tracestate": "vendor=1"}


def traced(event: dict[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in NAMES if event.get(name)}


@pytest.mark.parametrize("in_headers", [False, True])
def test_a_transformers_reply_is_part_of_the_trace(
    function: Functions, *, in_headers: bool
) -> None:
    extensions, headers = ({}, TRACE) if in_headers else (TRACE, {})

    answer = function("kubernetes-transformer").post(FINISHED | extensions, **headers)

    assert answer.status_code == 200, answer.text
    assert traced(json.loads(answer.data)) == TRACE
    assert {name: answer.headers[name] for name in NAMES} == TRACE


def test_the_events_own_trace_comes_before_the_headers(function: Functions) -> None:
    answer = function("kubernetes-transformer").post(FINISHED | TRACE, traceparent=OTHER)

    assert traced(json.loads(answer.data)) == TRACE


def test_a_recorded_event_stays_part_of_it(database: Database, function: Functions) -> None:
    assert database

    answer = function("cdevents-endpoint").post(carried(cdevent(), **TRACE))

    assert traced(json.loads(answer.data)) == TRACE


def test_what_goes_to_the_sink_has_it_too(
    function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Subscriber(Answer(202))
    transformer = function("webhooks-endpoint")
    monkeypatch.setitem(transformer.environment, "K_SINK", broker.url)
    monkeypatch.setitem(transformer.environment, "WEBHOOK_GENERIC_SECRETS", "x" * 32)
    try:
        answer = transformer.post(
            json.dumps(cdevent()),
            path="/generic",
            authorization=f"Bearer {'x' * 32}",
            content_type="application/json",
            **TRACE,
        )
    finally:
        sink.close()
        broker.close()

    assert answer.status_code == 202, answer.text
    assert traced(json.loads(broker.bodies[0])) == TRACE


def test_without_a_trace_there_is_none(function: Functions) -> None:
    answer = function("kubernetes-transformer").post(RECORDED[4])

    assert traced(json.loads(answer.data)) == {}
    assert "traceparent" not in answer.headers


@pytest.mark.parametrize(
    "parent", ["", "x", PARENT.upper(), f"{PARENT}\r\nx: y", PARENT.replace("4bf92f35", "-" * 8)]
)
def test_what_is_no_trace_is_not_passed_on(parent: str) -> None:
    assert trace_of({"traceparent": parent, "tracestate": "vendor=1"}) == {}


def test_a_state_that_no_header_can_hold_is_left_out() -> None:
    assert trace_of({"traceparent": PARENT, "tracestate": "a=b\r\nx: y"}) == {"traceparent": PARENT}
