from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from local.broker import MAX_BODY
from tests.broker.stand import StartBroker, Subscriber, Trigger, binary, event

STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
Start = Callable[..., Subscriber]


def structured(**content: Any) -> bytes:
    return json.dumps(event() | content).encode()


def test_an_event_arrives_as_it_was_sent(start_broker: StartBroker, subscriber: Start) -> None:
    seen = subscriber()
    broker = start_broker({"seen": Trigger(seen)})
    sent = event(subject='a "b" 100% %20 ü→', time="2026-01-02T03:04:05Z", stage="prod")

    response = broker.post({**binary(sent), "content-type": "text/plain"}, b"\x00\xff")
    broker.settle()

    assert (response.status_code, response.content) == (202, b"")
    arrival = seen.events[0].pop("knativearrivaltime")
    assert arrival.endswith("Z")
    assert seen.events == [{**sent, "datacontenttype": "text/plain"}]
    assert seen.bodies == [b"\x00\xff"]
    assert seen.paths == {"/"}


@pytest.mark.parametrize(
    ("content", "content_type", "body"),
    [
        ({"data": {"a": [1, None]}}, "application/json", b'{"a": [1, null]}'),
        ({"data": "text"}, "application/json", b'"text"'),
        ({"data": False, "datacontenttype": "a/b+json"}, "a/b+json", b"false"),
        ({"data": "text", "datacontenttype": "text/plain"}, "text/plain", b"text"),
        ({"data_base64": "AP8=", "datacontenttype": "a/b"}, "a/b", b"\x00\xff"),
        ({"data_base64": "AP8="}, None, b"\x00\xff"),
        ({}, None, b""),
    ],
)
def test_a_structured_event_arrives_in_binary_mode(
    start_broker: StartBroker,
    subscriber: Start,
    content: dict[str, Any],
    content_type: str | None,
    body: bytes,
) -> None:
    seen = subscriber()
    broker = start_broker({"seen": Trigger(seen)})

    broker.post(STRUCTURED, structured(**content))
    broker.settle()

    assert seen.bodies == [body]
    assert seen.events[0].get("datacontenttype") == content_type


def test_extensions_become_their_text(start_broker: StartBroker, subscriber: Start) -> None:
    seen = subscriber()
    broker = start_broker({"seen": Trigger(seen, {"filters": [{"exact": {"yes": "true"}}]})})

    broker.post(STRUCTURED, structured(yes=True, five=5, none=None, text="é"))
    broker.settle()

    del seen.events[0]["knativearrivaltime"]
    assert seen.events == [event(yes="true", five="5", text="é")]


@pytest.mark.parametrize(
    ("headers", "body", "sentence"),
    [
        ({}, b"{}", "specversion is missing or empty"),
        (binary(event(id="")), b"", "id is missing or empty"),
        (binary(event(source="")), b"", "source is missing or empty"),
        (binary(event(type="")), b"", "type is missing or empty"),
        (binary(event(specversion="0.3")), b"", "specversion is not 1.0"),
        (binary(event(a_b="x")), b"", "'a_b' cannot name an attribute"),
        (STRUCTURED, b"{", "the body is no JSON object"),
        (STRUCTURED, b"[" * 100_000, "the body is no JSON object"),
        (STRUCTURED, b"[]", "the body is no JSON object"),
        (STRUCTURED, structured(id=None), "id is missing or empty"),
        (STRUCTURED, structured(x="a\nb"), "x has a character that no attribute may have"),
        (STRUCTURED, structured(x="\x7f"), "x has a character that no attribute may have"),
        (STRUCTURED, structured(x="\ud800"), "x has a character that no attribute may have"),
        (STRUCTURED, structured(X="a"), "'X' cannot name an attribute"),
        (STRUCTURED, structured(x=1.5), "x is no string, integer or boolean"),
        (STRUCTURED, structured(data=1, data_base64=""), "it has both data and data_base64"),
        (STRUCTURED, structured(data_base64="?"), "data_base64 is not base64"),
        (STRUCTURED, structured(data_base64=[1]), "data_base64 is not base64"),
        (
            {"content-type": "application/cloudevents-batch+json"},
            b"[]",
            "application/cloudevents-batch+json is not taken, only single events in JSON are",
        ),
    ],
)
def test_what_is_no_cloudevent_is_refused_with_a_sentence(
    start_broker: StartBroker, headers: dict[str, str], body: bytes, sentence: str
) -> None:
    response = start_broker({}).post(headers, body)

    assert response.status_code == 400
    assert response.text == f"this is no CloudEvent: {sentence}"
    assert response.headers["content-type"].startswith("text/plain")


def test_a_header_that_is_no_utf_8_is_refused(start_broker: StartBroker) -> None:
    broker = start_broker({})

    headers = {**binary(event()), "ce-x": "\xff"}  # requests sends it as Latin-1
    response = requests.post(broker.root + broker.broker.path, headers=headers, timeout=10)

    assert response.status_code == 400


def test_a_body_of_six_mebibytes_is_the_largest(
    start_broker: StartBroker, subscriber: Start
) -> None:
    seen = subscriber()
    broker = start_broker({"seen": Trigger(seen)})

    largest = broker.post(binary(event()), b"x" * MAX_BODY)
    too_large = broker.post(binary(event()), b"x" * (MAX_BODY + 1))
    broker.settle()

    assert (largest.status_code, too_large.status_code) == (202, 413)
    assert [len(body) for body in seen.bodies] == [MAX_BODY]


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("POST", "/", 404, "events are sent to /dora-cloudevents/dora"),
        ("POST", "/dora-cloudevents/other", 404, "events are sent to /dora-cloudevents/dora"),
        ("GET", "/dora-cloudevents/dora", 405, "events are sent by POST"),
    ],
)
def test_other_requests_are_told_where_events_go(
    start_broker: StartBroker, method: str, path: str, status: int, sentence: str
) -> None:
    url = start_broker({}).root + path

    response = requests.request(method, url, timeout=10)

    assert (response.status_code, response.text) == (status, sentence)


def test_a_full_broker_refuses_until_there_is_room(
    start_broker: StartBroker, subscriber: Start
) -> None:
    slow = subscriber()
    slow.open.clear()
    broker = start_broker({"slow": Trigger(slow)}, max_pending=1)
    broker.send(event(id="1"))

    refused = broker.post(binary(event(id="2")))
    slow.open.set()
    broker.settle()
    broker.send(event(id="3"))
    broker.settle()

    assert (refused.status_code, refused.text) == (503, "the broker is full: 1 events")
    assert slow.ids == ["1", "3"]
