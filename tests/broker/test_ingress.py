"""Scenarios of what a sender sends: what is taken, how it arrives, and what is refused."""

from __future__ import annotations

import pytest
import requests

from local.broker import MAX_BODY
from tests.broker.stand import (
    STRUCTURED,
    RunningBroker,
    Subscriber,
    binary,
    event,
    structured,
)
from tests.waiting import PATIENCE_SECONDS

Taking = tuple[RunningBroker, Subscriber]

BATCH = {"content-type": "application/cloudevents-batch+json"}


def written(members: bytes) -> bytes:
    """Return an event in structured mode with members that are written so."""
    return structured()[:-1] + b"," + members + b"}"


def test_an_event_arrives_as_it_was_sent(taking: Taking) -> None:
    broker, seen = taking
    sent = event(subject='a "b" 100% %20 ü→', time="2026-01-02T03:04:05Z", stage="prod", empty="")
    sent |= {"datacontenttype": "text/plain"}

    response = broker.post(binary(sent), b"\x00\xff")
    broker.settle()

    assert (response.status_code, response.content) == (202, b"")
    arrival = seen.events[0].pop("knativearrivaltime")
    assert arrival.endswith("Z")
    assert seen.events == [sent]
    assert seen.bodies == [b"\x00\xff"]
    assert seen.paths == {"/"}


@pytest.mark.parametrize(
    ("body", "content_type", "data"),
    [
        (structured(), None, b""),
        (written(b'"data":{"a": [1.0,  null]}'), None, b'{"a": [1.0,  null]}'),
        (structured(data="text"), None, b'"text"'),
        (structured(data=None), None, b"null"),
        (structured(data="a", datacontenttype="text/json; b=c"), "text/json; b=c", b'"a"'),
        (structured(data="text", datacontenttype="text/plain"), "text/plain", b"text"),
        (structured(data="text", datacontenttype="a/b+json"), "a/b+json", b"text"),
        (structured(data=None, datacontenttype="a/b"), "a/b", b""),
        (structured(data_base64="AP8=", datacontenttype="a/b"), "a/b", b"\x00\xff"),
        (structured(data_base64="AP8="), None, b"\x00\xff"),
        (written(b'"data":{"data_base64": "AP8="}'), None, b'{"data_base64": "AP8="}'),
        (
            written(b'"datacontenttype": "a/b", "data_base64": "AP8="'),
            "a/b",
            b"\x00\xff",
        ),
    ],
)
def test_a_structured_event_arrives_in_binary_mode(
    taking: Taking, body: bytes, content_type: str | None, data: bytes
) -> None:
    broker, seen = taking

    response = broker.post(STRUCTURED, body)
    broker.settle()

    assert response.status_code == 202
    assert seen.bodies == [data]
    assert seen.events[0].get("datacontenttype") == content_type


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("yes", True, "true"),
        ("five", 5, "5"),
        ("least", -(2**31), "-2147483648"),
        ("half", 1.5, "1"),
        ("X", "a", "a"),
        ("empty", "", ""),
        ("none", None, None),
        ("text", "é\t→", "é\t→"),
        ("half", "\ud800", "\ufffd"),
        ("subject", "", None),
        ("time", None, None),
        ("time", "2026-01-02T03:04:05.120+01:00", "2026-01-02T02:04:05.12Z"),
        ("time", "2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456789Z"),
        ("time", "2026-01-02T03:04:50.000Z", "2026-01-02T03:04:50Z"),
        ("source", "/ü b/%20", "/%C3%BC%20b/%20"),
        ("dataschema", "urn:x", "urn:x"),
        ("specversion", "0.3", "0.3"),
    ],
)
def test_attributes_become_their_text(
    taking: Taking, name: str, value: str | float | None, text: str | None
) -> None:
    broker, seen = taking

    response = broker.post(STRUCTURED, structured(**{name: value}))
    broker.settle()

    assert response.status_code == 202
    assert seen.events[0].get(name.lower()) == text


@pytest.mark.parametrize(
    ("headers", "body", "status", "sentence"),
    [
        ({}, b"{}", 400, "specversion must be 1.0, but is missing"),
        (binary(event(specversion="0.2")), b"", 400, "specversion must be 1.0, but is 0.2"),
        (binary(event(id="")), b"", 400, "id is missing or empty"),
        (binary(event(source="")), b"", 400, "source is missing or empty"),
        (binary(event(type="")), b"", 400, "type is missing or empty"),
        (binary(event(a_b="x")), b"", 400, "'a_b' cannot name an attribute"),
        (binary(event(time="yesterday")), b"", 400, "time is none of RFC 3339"),
        (binary(event(time="2026-02-30T00:00:00Z")), b"", 400, "time is none of RFC 3339"),
        (binary(event(dataschema="/a")), b"", 400, "dataschema is no absolute URI"),
        (
            {**binary(event()), "ce-datacontenttype": "text/plain"},
            b"",
            400,
            "datacontenttype must be the header content-type",
        ),
        (binary(event(datacontenttype="a b")), b"", 400, "datacontenttype is no media type"),
        (BATCH, b"[]", 400, "a batch is not taken, only single events are"),
        (STRUCTURED, b"", 400, "the body is no JSON object"),
        (STRUCTURED, b"{", 400, "the body is no JSON object"),
        (STRUCTURED, b"[" * 100_000, 400, "the body is no JSON object"),
        (STRUCTURED, b"[]", 400, "the body is no JSON object"),
        (STRUCTURED, structured() + b"x", 400, "the body is no JSON object"),
        (STRUCTURED, structured().decode().encode("utf-16"), 400, "the body is no JSON object"),
        (STRUCTURED, structured(id=None), 400, "id is missing or empty"),
        (STRUCTURED, structured(id=" "), 400, "id is missing or empty"),
        (STRUCTURED, structured(id=5), 400, "id is no string"),
        (STRUCTURED, structured(datacontenttype=None), 400, "datacontenttype is no media type"),
        (STRUCTURED, structured(ID="a"), 400, "'ID' cannot name an attribute"),
        (STRUCTURED, structured(é="a"), 400, "'é' cannot name an attribute"),
        (STRUCTURED, structured(x=2**31), 400, "x is no string, boolean or integer of 32 bits"),
        (STRUCTURED, structured(x=[]), 400, "x is no string, boolean or integer of 32 bits"),
        (STRUCTURED, structured(x="a\nb"), 500, "x has a control character"),
        (STRUCTURED, structured(x="\x7f"), 500, "x has a control character"),
        (STRUCTURED, structured(data=1, data_base64="?"), 400, "it has both data and data_base64"),
        (STRUCTURED, structured(data_base64="?"), 400, "data_base64 is not base64"),
        (STRUCTURED, structured(data_base64=[1]), 400, "data_base64 is not base64"),
        (
            STRUCTURED,
            written(b'"data_base64": "AP8="'),
            400,
            "data_base64 has white space before it, which Knative misreads",
        ),
        (
            STRUCTURED,
            structured(data={}, datacontenttype="a/b+json"),
            400,
            "data of a/b+json is no string",
        ),
    ],
)
def test_what_is_no_cloudevent_is_refused(
    taking: Taking, headers: dict[str, str], body: bytes, status: int, sentence: str
) -> None:
    broker, seen = taking

    response = broker.post(headers, body)
    broker.settle()

    text = f"this is no CloudEvent: {sentence}" if broker.explains else ""
    assert (response.status_code, response.text) == (status, text)
    assert seen.events == []


def test_what_has_gone_through_the_broker_too_often_is_refused(taking: Taking) -> None:
    broker, seen = taking

    statuses = {
        hops: broker.post(binary(event(id=hops, knativebrokerttl=hops))).status_code
        for hops in ("-1", "0", "1", "2", "x")
    }
    broker.settle()

    assert statuses == {"-1": 400, "0": 400, "1": 400, "2": 202, "x": 202}
    assert sorted(seen.ids) == ["2", "x"]


def test_a_body_of_one_mebibyte_is_taken(taking: Taking) -> None:
    broker, seen = taking

    broker.send(event(), b"x" * MAX_BODY)
    broker.settle()

    assert [len(body) for body in seen.bodies] == [MAX_BODY]


def test_a_header_of_60_kilobytes_is_taken(taking: Taking) -> None:
    broker, seen = taking

    broker.send(event(note="x" * 60_000))
    broker.settle()

    assert [len(each["note"]) for each in seen.events] == [60_000]


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("POST", "{path}/", 202, ""),
        ("POST", "/", 404, "events are sent to {path}"),
        ("POST", "{path}-other", 404, "events are sent to {path}"),
        ("POST", "{path}?a=b", 404, "events are sent to {path}"),
        ("POST", "{path}/more", 400, "events are sent to {path}"),
        ("POST", "/less", 400, "events are sent to {path}"),
        ("GET", "{path}", 405, "events are sent by POST"),
        ("PUT", "{path}", 405, "events are sent by POST"),
        ("OPTIONS", "{path}", 200, ""),
    ],
)
def test_other_requests_are_told_where_events_go(
    taking: Taking, method: str, path: str, status: int, sentence: str
) -> None:
    broker, _ = taking
    url = broker.root + path.format(path=broker.path)

    response = requests.request(method, url, headers=binary(event()), timeout=PATIENCE_SECONDS)
    broker.settle()

    text = sentence.format(path=broker.path) if broker.explains else ""
    assert (response.status_code, response.text) == (status, text)


def test_whoever_asks_may_send(taking: Taking) -> None:
    broker, _ = taking

    response = requests.options(broker.root + broker.path, timeout=PATIENCE_SECONDS)

    assert response.headers["allow"] == "POST, OPTIONS"
    assert response.headers["webhook-allowed-origin"] == "*"
    assert response.headers["webhook-allowed-rate"] == "*"
