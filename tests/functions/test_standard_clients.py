"""What the SDKs of CDEvents and CloudEvents send goes through the gate as they send it.

Go: github.com/cdevents/sdk-go 0.5.1 with github.com/cloudevents/sdk-go 2.15, whose client puts the
time of sending there and encodes nothing in headers. Python: cloudevents 2.2, which encodes them.
The SDK of CDEvents for Java sends CloudEvents 0.3 with ids of their own, which nobody can take.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Database, Functions

SENT = "2026-11-26T14:29:57.740824039Z"
NAME, SUBJECT = "Füße 100%", "pkg:oci/shop@sha256%3Aab12?tag=a%20b"


def cdevent(subject: str) -> dict[str, Any]:
    """Return a CDEvent as the SDK for Go writes it, made a moment before it was sent."""
    return {
        "context": {
            "id": "5d52f9f8-8a6c-476d-b817-982411c82071",
            "source": "my/first/program",
            "type": "dev.cdevents.pipelinerun.queued.0.3.0",
            "timestamp": "2026-11-26T14:29:57.740606409Z",
            "specversion": "0.5.1",
        },
        "subject": {
            "id": subject,
            "source": "my/first/program",
            "content": {"pipelineName": "ship"},
        },
    }


def headers(subject: str) -> dict[str, str]:
    """Return the headers of it in binary mode; as bytes that WSGI reads as Latin-1."""
    return {
        "ce-id": "5d52f9f8-8a6c-476d-b817-982411c82071",
        "ce-source": "my/first/program",
        "ce-specversion": "1.0",
        "ce-subject": subject.encode().decode("latin-1"),
        "ce-time": SENT,
        "ce-type": "dev.cdevents.pipelinerun.queued.0.3.0",
        "content-type": "application/json",
    }


BINARY = {
    "Go": ("ship", "ship"),
    "Go, with what looks encoded": (SUBJECT, SUBJECT),
    "Go, with a percent sign and all of it UTF-8": (NAME, NAME),
    "Go, with nothing but what looks encoded": ("a%20b", "a%20b"),
    "Python": ("ship", "ship"),
    "Python, with UTF-8": (NAME, "F%C3%BC%C3%9Fe%20100%25"),
    "Python, with what looks encoded": (SUBJECT, "pkg:oci/shop@sha256%253Aab12?tag=a%2520b"),
}


@pytest.mark.parametrize("client", BINARY)
def test_an_event_is_the_same_in_binary_and_in_structured_mode(
    database: Database, function: Functions, client: str
) -> None:
    subject, header = BINARY[client]
    body = json.dumps(cdevent(subject), ensure_ascii=False).encode()

    binary = function("cdevents-endpoint").post(body, **headers(header))
    structured = function("cdevents-endpoint").post(
        {
            **{name: cdevent(subject)["context"][name] for name in ("id", "source", "type")},
            "specversion": "1.0",
            "subject": subject,
            "time": SENT,
            "datacontenttype": "application/json",
            "data": cdevent(subject),
        }
    )

    assert (binary.status_code, structured.status_code) == (200, 200), binary.text
    assert json.loads(binary.data) == json.loads(structured.data)
    assert json.loads(binary.data)["subject"] == subject
    assert json.loads(binary.data)["time"] == cdevent(subject)["context"]["timestamp"]
    assert json.loads(binary.data)["senttime"] == SENT
    assert database.rows("select cd_subject_id from cdevents_raw") == [[subject]]


@pytest.mark.parametrize(
    ("header", "id_"),
    [
        ("shop 100%25", "shop 100%25"),  # nobody encodes this and leaves the space
        ("shop%20100%25", "shop 100%"),
        ("a%2541", "a%41"),  # once, not twice
        ("a%41", "a%41"),
        ("%C3%BC", "ü"),
        ("%C3", "%C3"),  # no UTF-8
        ("100%", "100%"),
        ("%2", "%2"),
    ],
)
def test_an_id_in_a_header_is_decoded_where_somebody_encoded_it(
    database: Database, function: Functions, header: str, id_: str
) -> None:
    given = headers("x") | {"ce-type": "test.happened", "ce-id": header}

    answer = function("cloudevents-endpoint").post(b"{}", **given)

    assert answer.status_code == 204
    assert database.rows("select content ->> 'id' from cloudevents_raw") == [[id_]]


def test_a_control_character_that_is_encoded_is_refused_too(
    database: Database, function: Functions
) -> None:
    given = headers("x") | {"ce-type": "test.happened", "ce-id": "a%0Ab"}

    answer = function("cloudevents-endpoint").post(b"{}", **given)

    assert answer.status_code == 400
    assert database.rows("select * from cloudevents_raw") == []
