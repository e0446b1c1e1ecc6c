"""Many events in one request: each is taken or refused as if it had come by itself."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from dora.json_text import read_members, read_objects
from tests.bad_input import REFUSED_CDEVENTS
from tests.conftest import Database, Functions
from tests.events import RECORDED, carried, cdevent, cloudevent

ENDPOINTS = {"cloudevents-endpoint": "cloudevents_raw", "cdevents-endpoint": "cdevents_raw"}
BATCH = "application/cloudevents-batch+json"
MEGABYTE = 1024 * 1024
each_endpoint = pytest.mark.parametrize("name", ENDPOINTS)


def _post(function: Functions, name: str, body: str | bytes | list[Any]) -> TestResponse:
    text = json.dumps(body) if isinstance(body, list) else body
    return function(name).post(text, content_type=BATCH)


def _deployments(count: int) -> list[dict[str, Any]]:
    return [carried(cdevent(id=f"d{number}")) for number in range(count)]


def _count(database: Database, name: str) -> int:
    return int(database.rows(f"select count(*) from {ENDPOINTS[name]}")[0][0])


@each_endpoint
def test_a_thousand_events_are_kept(database: Database, function: Functions, name: str) -> None:
    answer = _post(function, name, _deployments(1000))

    assert (answer.status_code, answer.json) == (200, {"kept": 1000, "refused": []})
    assert answer.headers["content-type"] == "application/json"
    assert _count(database, name) == 1000


def test_events_are_kept_with_their_own_times_in_the_order_of_the_list(
    database: Database, function: Functions
) -> None:
    events = [cloudevent(id=str(day), time=f"2023-01-{day:02}T12:00:00Z") for day in (3, 1, 2)]

    _post(function, "cloudevents-endpoint", events)

    assert database.rows(
        "select content, event_timestamp from cloudevents_raw order by event_id"
    ) == [[event, datetime(2023, 1, int(event["id"]), 12, tzinfo=UTC)] for event in events]


def test_what_is_kept_of_a_cdevent_is_what_a_single_one_leaves(
    database: Database, function: Functions
) -> None:
    columns = "cd_source, cd_id, cd_timestamp, cd_type, cd_subject_id, cd_subject_source, content"
    event = cdevent(subject="line\nbreak")
    event["subject"]["source"] = "/some/where"
    told = carried(event, subject="line%0Abreak")

    function("cdevents-endpoint").post(told)
    alone = database.rows(f"select {columns} from cdevents_raw")
    database.empty()
    _post(function, "cdevents-endpoint", [told])

    assert len(alone) == 1
    assert database.rows(f"select {columns} from cdevents_raw") == alone


@each_endpoint
def test_the_same_batch_again_changes_nothing(
    database: Database, function: Functions, name: str
) -> None:
    for _ in range(2):
        answer = _post(function, name, _deployments(5))

    assert answer.json == {"kept": 5, "refused": []}
    assert _count(database, name) == 5


@pytest.mark.parametrize("minutes", [[1, 2], [2, 1], [3, 1, 2]])
def test_of_one_id_told_in_two_ways_in_a_batch_the_earliest_stays(
    database: Database, function: Functions, minutes: list[int]
) -> None:
    events = [carried(cdevent(time=f"2026-01-05T12:0{minute}:00Z")) for minute in minutes]

    _post(function, "cdevents-endpoint", events)

    assert database.rows("select cd_timestamp from cdevents_raw") == [
        [datetime(2026, 1, 5, 12, 1, tzinfo=UTC)]
    ]


def test_an_earlier_telling_in_a_batch_replaces_what_was_there(
    database: Database, function: Functions
) -> None:
    function("cdevents-endpoint").post(carried(cdevent(time="2026-01-05T12:02:00Z")))

    _post(function, "cdevents-endpoint", [carried(cdevent(time="2026-01-05T12:01:00Z"))])

    assert database.rows("select cd_timestamp from cdevents_raw") == [
        [datetime(2026, 1, 5, 12, 1, tzinfo=UTC)]
    ]


def test_of_one_id_twice_in_a_batch_of_cloudevents_the_first_stays(
    database: Database, function: Functions
) -> None:
    _post(function, "cloudevents-endpoint", [cloudevent(data="first"), cloudevent(data="second")])

    assert database.rows("select content ->> 'data' from cloudevents_raw") == [["first"]]


def test_each_refused_event_is_listed_with_its_sentence_and_the_others_are_kept(
    database: Database, function: Functions
) -> None:
    events = []
    for number, (event, _) in enumerate(REFUSED_CDEVENTS.values()):
        events += [event, carried(cdevent(id=f"valid-{number}"))]

    answer = _post(function, "cdevents-endpoint", events)

    refused = (answer.json or {})["refused"]
    assert (answer.json or {})["kept"] == len(REFUSED_CDEVENTS)
    assert [each["index"] for each in refused] == list(range(0, len(events), 2))
    for each, (event, part) in zip(refused, REFUSED_CDEVENTS.values(), strict=True):
        assert (each["id"], each["source"]) == (event["id"], event["source"])
        assert part in each["reason"]
    assert _count(database, "cdevents-endpoint") == len(REFUSED_CDEVENTS)


@pytest.mark.parametrize("kind", REFUSED_CDEVENTS)
def test_an_event_is_refused_with_the_sentence_that_it_gets_by_itself(
    database: Database, function: Functions, kind: str
) -> None:
    event, _ = REFUSED_CDEVENTS[kind]

    for name in ENDPOINTS:
        alone = function(name).post(event)
        refused = (_post(function, name, [event]).json or {})["refused"]
        assert [each["reason"] for each in refused] == [alone.text] * (alone.status_code == 422)
    assert database


def test_text_that_the_database_refuses_loses_no_other_event(
    database: Database, function: Functions
) -> None:
    events = [cloudevent(id="1"), cloudevent(id="2", data="a\0b"), cloudevent(id="3")]

    answer = _post(function, "cloudevents-endpoint", events)

    [refused] = (answer.json or {})["refused"]
    assert (refused["index"], refused["id"], refused["source"]) == (1, "2", "/tests")
    assert refused["reason"].startswith("the database refuses this: ")
    assert database.rows("select ce_id from cloudevents_raw order by 1") == [["1"], ["3"]]


# name → (what is in the list, part of its sentence)
NO_EVENTS: dict[str, tuple[Any, str]] = {
    "a number": (5, "got no JSON object"),
    "a list": ([], "got no JSON object"),
    "an empty object": ({}, "id to be text, got None"),
    "no id": (cloudevent(id=None), "id"),
    "an id that is a number": (cloudevent(id=1), "id"),
    "an empty source": (cloudevent(source=""), "source"),
    "a specversion of the future": (cloudevent(specversion="2.0"), "2.0"),
    "a specversion that is a list": (cloudevent(specversion=[]), "specversion"),
    "a control character": (cloudevent(id="a\nb"), "control characters"),
    "data_base64 that is none": (cloudevent(data=None, data_base64="%"), "data_base64"),
    "an impossible time": (cloudevent(time="yesterday"), "time"),
    "a day that is not": (cloudevent(time="2026-02-30T00:00:00Z"), "date/time"),
    "NaN": (cloudevent(data={"n": float("nan")}), "JSON"),
    "more than a megabyte": (cloudevent(data="x" * MEGABYTE), f"at most {MEGABYTE} bytes"),
}


@pytest.mark.parametrize("kind", NO_EVENTS)
def test_what_is_no_event_is_refused_alone(
    database: Database, function: Functions, kind: str
) -> None:
    wrong, part = NO_EVENTS[kind]

    answer = _post(function, "cloudevents-endpoint", [wrong, cloudevent(id="right")])

    [refused] = (answer.json or {})["refused"]
    assert part in refused["reason"]
    assert "\n" not in refused["reason"]
    assert database.rows("select ce_id from cloudevents_raw") == [["right"]]


NO_BATCHES: dict[str, str | bytes | list[Any]] = {
    "nothing": "",
    "text": "hello",
    "one event": json.dumps(cloudevent()),
    "half a list": "[{}",
    "a list with more behind it": "[{}] {}",
    "a comma too many": "[{},]",
    "an object without a value": '[{"id"}]',
    "a name that is none": "[{1: 2}]",
    "bytes": b"\xff\x00",
    "JSON nested without end": "[" * 100_000,
    "an empty list": [],
    "too many events": [0] * 1001,
}


@each_endpoint
@pytest.mark.parametrize("kind", NO_BATCHES)
def test_what_is_no_list_of_1_to_1000_is_refused_whole(
    function: Functions, name: str, kind: str
) -> None:
    answer = _post(function, name, NO_BATCHES[kind])

    assert answer.status_code == 400
    assert answer.text.startswith("expected ")
    assert "\n" not in answer.text


def test_numbers_are_kept_to_the_last_digit(database: Database, function: Functions) -> None:
    event = '{"specversion": "1.0", "id": "%s", "source": "/s", "type": "t", "data": {"n": %s}}'
    number = "12345678901234567890.123456789"

    _post(function, "cloudevents-endpoint", f"[{event % ('1', number)}, {event % ('2', '1e400')}]")

    kept = database.rows("select content #>> '{data,n}' from cloudevents_raw order by ce_id")
    assert kept == [[number], ["1" + "0" * 400]]


def test_data_in_base64_stays_in_base64(database: Database, function: Functions) -> None:
    data = base64.b64encode(b"\xff<xml/>").decode()
    event = cloudevent(data=None, data_base64=data, datacontenttype="application/xml")

    _post(function, "cloudevents-endpoint", [event])

    assert database.rows("select content from cloudevents_raw") == [[event]]


@pytest.mark.parametrize("written", [{"indent": 2}, {"ensure_ascii": False}])
def test_a_batch_may_be_written_in_any_way(
    database: Database, function: Functions, written: dict[str, Any]
) -> None:
    events = [cloudevent(id=str(number), data="Bäckerei 日本\u2028\n") for number in range(3)]

    _post(function, "cloudevents-endpoint", json.dumps(events, **written).encode())

    kept = database.rows("select content from cloudevents_raw order by event_id")
    assert [content for [content] in kept] == events


def test_a_batch_may_have_eight_megabytes_and_a_single_event_one(
    database: Database, function: Functions
) -> None:
    events = [cloudevent(id=str(number), data="x" * (MEGABYTE - 500)) for number in range(7)]

    answer = _post(function, "cloudevents-endpoint", events)
    larger = _post(function, "cloudevents-endpoint", b"x" * (8 * MEGABYTE + 1))
    single = function("cloudevents-endpoint").post(cloudevent(data="x" * MEGABYTE))

    assert database
    assert answer.json == {"kept": 7, "refused": []}
    assert (larger.status_code, single.status_code) == (413, 413)


def test_other_functions_take_no_batches(function: Functions) -> None:
    answer = _post(function, "kubernetes-transformer", [cloudevent()])

    assert answer.status_code == 400


def test_a_database_that_is_away_is_worth_another_try(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")

    answer = _post(function, "cloudevents-endpoint", [cloudevent()])

    assert database
    assert answer.status_code == 503


def test_json_is_read_as_python_reads_it() -> None:
    text = json.dumps(RECORDED, indent=1)

    read = [members or {} for members in read_objects(f" {text}\n")]

    assert [{name: member.value for name, member in each.items()} for each in read] == RECORDED
    assert [{name: json.loads(member.text) for name, member in each.items()} for each in read] == (
        RECORDED
    )
    assert read_members('{"a": 1, "a": 2}')["a"].text == "2"
    assert read_members(" {} ") == {}
