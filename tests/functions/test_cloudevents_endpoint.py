"""What is kept of the events that sources send."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from tests.conftest import Database, Functions
from tests.events import cloudevent

CONTENT = "select content from cloudevents_raw"


def test_an_event_is_kept_whole_with_its_own_time(database: Database, function: Functions) -> None:
    event = cloudevent(team="shop", data={"price": 1.5})

    answer = function("cloudevents-endpoint").post(event)

    assert (answer.status_code, answer.data) == (204, b"")
    columns = "ce_source, ce_id, ce_type, content, event_timestamp"
    assert database.rows(f"select {columns} from cloudevents_raw") == [
        ["/tests", "1", "test.happened", event, datetime(2026, 1, 5, 12, tzinfo=UTC)]
    ]


def test_an_event_sent_twice_is_there_once(database: Database, function: Functions) -> None:
    for _ in range(2):
        answer = function("cloudevents-endpoint").post(cloudevent())

    assert answer.status_code == 204
    assert database.rows("select count(*) from cloudevents_raw") == [[1]]


def test_one_id_of_two_sources_is_two_events(database: Database, function: Functions) -> None:
    for source in ("/here", "/there"):
        function("cloudevents-endpoint").post(cloudevent(source=source))

    assert database.rows("select count(*) from cloudevents_raw") == [[2]]


def test_what_knative_adds_on_the_way_is_not_kept(database: Database, function: Functions) -> None:
    event = cloudevent(knativearrivaltime="2026-01-05T12:00:01Z", knativebrokerttl="255")

    function("cloudevents-endpoint").post(event)

    assert database.rows(CONTENT) == [[cloudevent()]]


def _binary(function: Functions, body: bytes, **headers: str) -> Any:
    attributes = {"ce_id": "1", "ce_source": "/tests", "ce_type": "t", "ce_specversion": "1.0"}
    return function("cloudevents-endpoint").post(body, **(attributes | headers))


def test_numbers_are_kept_to_the_last_digit(database: Database, function: Functions) -> None:
    _binary(function, b'{"n": 12345678901234567890.123456789}', content_type="application/json")

    assert database.rows("select content #>> '{data,n}' from cloudevents_raw") == [
        ["12345678901234567890.123456789"]
    ]


def test_data_that_is_no_json_is_kept_in_base64(database: Database, function: Functions) -> None:
    _binary(function, b"\xff<xml/>", content_type="application/xml")

    assert database.rows("select content ->> 'data_base64' from cloudevents_raw") == [
        [base64.b64encode(b"\xff<xml/>").decode()]
    ]


def test_an_event_without_data_is_kept(database: Database, function: Functions) -> None:
    answer = _binary(function, b"")

    assert answer.status_code == 204
    assert database.rows("select content ? 'data' from cloudevents_raw") == [[False]]


def test_an_event_without_a_time_gets_that_of_its_arrival(
    database: Database, function: Functions
) -> None:
    function("cloudevents-endpoint").post(cloudevent(time=None))

    assert database.rows(
        "select event_timestamp = received_at, content ? 'time' from cloudevents_raw"
    ) == [[True, False]]


def test_attributes_beyond_ascii_arrive_as_they_were_sent(
    database: Database, function: Functions
) -> None:
    as_wsgi_reads_utf8 = "Bäckerei-日本".encode().decode("latin-1")

    _binary(function, b"{}", ce_subject=as_wsgi_reads_utf8)

    assert database.rows("select content ->> 'subject' from cloudevents_raw") == [["Bäckerei-日本"]]
