"""Answers are not sent again where nothing changed, are compressed, and other origins may read them."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.events import cloudevent

PORTAL = "https://portal.example"


@pytest.fixture
def endpoint(database: Database, function: Functions) -> Any:
    """Ask the metrics endpoint with these headers."""
    assert database
    client = function("metrics-endpoint")

    def get(path: str, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with client._deployed():
            return client.client.get(path, headers=named)

    return get


def test_the_same_answer_is_not_sent_again(endpoint: Any, function: Functions) -> None:
    path = "/sources?from=2025-01-01&to=2040-01-01"
    first = endpoint(path)
    again = endpoint(path, if_none_match=first.headers["etag"])
    assert function("cloudevents-endpoint").post(cloudevent()).status_code == 204
    changed = endpoint(path, if_none_match=first.headers["etag"])

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.data == b""
    assert again.headers["etag"] == first.headers["etag"] != changed.headers["etag"]


def test_a_question_about_now_has_one_answer_for_a_minute(endpoint: Any) -> None:
    answers = [endpoint("/summary") for _ in range(3)]

    # The minute may have ended between two of them, not between all.
    assert len({answer.headers["etag"] for answer in answers}) < 3
    assert json.loads(answers[0].data)["to"].endswith(":00Z")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/summary", "no-cache"),
        ("/summary?from=2020-01-01&to=2020-02-01", "public, max-age=300"),
        ("/summary?from=nonsense", "no-store"),
        ("/nowhere", "no-store"),
        ("/deployments?format=csv", "no-cache"),
    ],
)
def test_it_is_kept_as_long_as_fits_the_question(endpoint: Any, path: str, kept: str) -> None:
    assert endpoint(path).headers["cache-control"] == kept


def test_a_long_answer_is_compressed_for_who_can_read_that(endpoint: Any) -> None:
    plain = endpoint("/openapi.json")
    packed = endpoint("/openapi.json", accept_encoding="br, gzip;q=0.5")
    refused = endpoint("/openapi.json", accept_encoding="gzip;q=0")
    short = endpoint("/services", accept_encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == refused.data
    assert len(packed.data) < len(plain.data) / 3
    assert packed.headers["etag"] == plain.headers["etag"]
    assert "content-encoding" not in short.headers
    assert "accept-encoding" in plain.headers["vary"]


def test_other_origins_may_read_nothing_unless_the_setting_says_so(
    endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    allows = "access-control-allow-origin"
    closed = endpoint("/services", origin=PORTAL)
    monkeypatch.setenv("CORS_ORIGINS", f"https://other.example, {PORTAL}")
    listed = endpoint("/services", origin=PORTAL)
    stranger = endpoint("/services", origin="https://evil.example")
    error = endpoint("/nowhere", origin=PORTAL)
    monkeypatch.setenv("CORS_ORIGINS", "*")
    everybody = endpoint("/services", origin="https://evil.example")

    assert allows not in closed.headers
    assert listed.headers[allows] == PORTAL == error.headers[allows]
    assert "origin" in listed.headers["vary"]
    assert allows not in stranger.headers
    assert everybody.headers[allows] == "*"
