"""A CloudEvent is read once where it arrives, whatever mode it comes in."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from dora.errors import NoCloudEventError, PermanentError
from dora.events import read_event, require_json, structured
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent

BINARY = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/tests", "ce-type": "t"}
STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
NUMBER = "12345678901234567890.123456789"


def request(body: bytes, headers: dict[str, str]) -> Any:
    return EnvironBuilder(method="POST", data=body, headers=list(headers.items())).get_request()


def binary(event: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    attributes = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    kind = attributes.pop("ce-datacontenttype")
    return json.dumps(event["data"]).encode(), attributes | {"content-type": kind}


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many characters each value had that was read as JSON."""
    lengths: list[int] = []
    decode = json.JSONDecoder.raw_decode

    def noting(self: json.JSONDecoder, text: str, idx: int = 0) -> tuple[Any, int]:
        value, end = decode(self, text, idx)
        lengths.append(end - idx)
        return value, end

    monkeypatch.setattr(json.JSONDecoder, "raw_decode", noting)
    return lengths


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        *itertools.product(
            ["cloudevents-endpoint", "cdevents-endpoint"], ["structured", "binary", "batch"]
        ),
        *itertools.product(["dead-letters-endpoint"], ["structured", "binary"]),
        ("generic-transformer", "structured"),
    ],
)
def test_the_body_of_an_event_is_read_as_json_once(
    database: Database, function: Functions, read: list[int], name: str, mode: str
) -> None:
    event = carried(cdevent())
    body, headers = {
        "structured": (json.dumps(event).encode(), STRUCTURED),
        "binary": binary(event),
        "batch": (json.dumps([event]).encode(), BATCH),
    }[mode]
    endpoint = function(name)
    read.clear()

    answer = endpoint.post(body, **{name.replace("-", "_"): one for name, one in headers.items()})

    data = len(json.dumps(event["data"]))
    assert database
    assert answer.status_code in (200, 204)
    assert [length for length in read if length >= data] in ([data], [])
    assert data <= sum(read) <= len(body)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (f'{{"n": {NUMBER}}}', BINARY),
        (f'{{"n": {NUMBER}}}', BINARY | {"content-type": "application/json"}),
        (
            json.dumps(cloudevent(data=0)).replace('"data": 0', f'"data": {{"n": {NUMBER}}}'),
            STRUCTURED,
        ),
        (
            json.dumps(
                cloudevent(data_base64=base64.b64encode(f'{{"n": {NUMBER}}}'.encode()).decode())
            ).replace('"data": {}, ', ""),
            STRUCTURED,
        ),
    ],
)
def test_json_is_known_to_the_letter(body: str, headers: dict[str, str]) -> None:
    event = read_event(request(body.encode(), headers))

    assert require_json(event) == f'{{"n": {NUMBER}}}'
    assert f'"data": {{"n": {NUMBER}}}' in structured(event)
    assert event.data == json.loads(f'{{"n": {NUMBER}}}')


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<xml/>", BINARY | {"content-type": "application/xml"}),
        (b"5", BINARY | {"content-type": "text/plain"}),
    ],
)
def test_what_is_no_json_stays_bytes(body: bytes, headers: dict[str, str]) -> None:
    event = read_event(request(body, headers))

    with pytest.raises(PermanentError, match="expected data to be JSON"):
        require_json(event)
    assert json.loads(structured(event))["data_base64"] == base64.b64encode(body).decode()


@pytest.mark.parametrize(
    ("body", "headers", "sentence"),
    [
        (b"", {}, "neither ce- headers nor a body in structured mode"),
        (b"{}", BINARY | {"ce-id": ""}, None),
        (b"{}", {"ce-id": "1", "ce-type": "t"}, "one without source and specversion"),
        (b'{"id": "1", "type": "t"}', STRUCTURED, "one without source and specversion"),
        (b"[1]", STRUCTURED, "one that cannot be read"),
    ],
)
def test_the_error_says_what_came(
    body: bytes, headers: dict[str, str], sentence: str | None
) -> None:
    if sentence is None:
        assert read_event(request(body, headers))["id"] == ""
        return
    with pytest.raises(NoCloudEventError, match=f"expected a CloudEvent 1.0, got {sentence}"):
        read_event(request(body, headers))


def test_the_content_type_says_the_mode_where_headers_say_another() -> None:
    body = json.dumps(cloudevent(id="inside")).encode()

    assert read_event(request(body, BINARY | STRUCTURED))["id"] == "inside"
