"""What is kept of events that could not be delivered."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from dora import database as dora_database
from tests.bad_input import BINARY, NO_CLOUDEVENTS, OLD_CLOUDEVENT
from tests.conftest import Database, Functions
from tests.events import cloudevent

ROW = "select content::text, destination, response_code, reason, refused_count from dead_letters"


def dead_letter(
    sentence: str = "expected an apple, got a pear", **attributes: Any
) -> dict[str, Any]:
    return cloudevent(
        knativeerrordest="http://cdevents-endpoint/",
        knativeerrorcode="422",
        knativeerrordata=base64.b64encode(sentence.encode()).decode(),
        **attributes,
    )


def data_of(content: str) -> bytes:
    return base64.b64decode(json.loads(content)["data_base64"])


def test_a_dead_letter_is_kept_with_where_and_why(database: Database, function: Functions) -> None:
    answer = function("dead-letters-endpoint").post(dead_letter())

    assert (answer.status_code, answer.data) == (204, b"")
    [[content, *others]] = database.rows(ROW)
    assert json.loads(content) == cloudevent()
    assert others == ["http://cdevents-endpoint/", 422, "expected an apple, got a pear", 1]


def test_a_dead_letter_that_comes_again_counts_and_keeps_its_newest_reason(
    database: Database, function: Functions
) -> None:
    for sentence in ("the database is away", "expected an apple, got a pear"):
        function("dead-letters-endpoint").post(dead_letter(sentence))

    [[_, _, _, reason, count]] = database.rows(ROW)
    assert (reason, count) == ("expected an apple, got a pear", 2)


def test_a_dead_letter_without_a_reason_says_so(database: Database, function: Functions) -> None:
    function("dead-letters-endpoint").post(cloudevent())

    [[_, *others]] = database.rows(ROW)
    assert others == ["unknown", None, "the function gave no reason", 1]


def test_text_that_jsonb_refuses_is_kept_to_the_letter(
    database: Database, function: Functions
) -> None:
    function("dead-letters-endpoint").post(dead_letter(data={"text": "a\0b \ud800"}))

    [[content, *_]] = database.rows(ROW)
    assert r'{"text": "a\u0000b \ud800"}' in content


def test_an_id_too_long_for_an_index_is_kept(database: Database, function: Functions) -> None:
    incompressible = "".join(str(number) for number in range(20_000))

    answer = function("dead-letters-endpoint").post(dead_letter(id=incompressible))

    assert answer.status_code == 204
    assert database.rows("select ce_id from dead_letters") == [[incompressible]]


def test_data_that_is_no_json_is_kept_in_base64(database: Database, function: Functions) -> None:
    function("dead-letters-endpoint").post(b"{broken", **BINARY)

    [[content, *_]] = database.rows(ROW)
    assert data_of(content) == b"{broken"


def test_an_event_too_large_for_other_functions_is_kept(
    database: Database, function: Functions
) -> None:
    answer = function("dead-letters-endpoint").post(dead_letter(data="x" * 1_200_000))

    assert answer.status_code == 204
    assert database.rows("select length(content::text) > 1200000 from dead_letters") == [[True]]


@pytest.mark.parametrize(
    "broken",
    [
        {"specversion": "0.3"},
        {"note": "a\tb"},
        {"note": "a\x85b"},
        {"id": "a\0b \ud800"},
        {"id": 1},
        {"type": ""},
    ],
)
def test_an_event_that_breaks_a_rule_is_kept_as_it_came_with_what_the_function_answered(
    database: Database, function: Functions, broken: dict[str, Any]
) -> None:
    answer = function("dead-letters-endpoint").post(dead_letter(**broken))

    assert answer.status_code == 204
    [[content, *others]] = database.rows(ROW)
    assert json.loads(content) == cloudevent(**broken)
    assert others == ["http://cdevents-endpoint/", 422, "expected an apple, got a pear", 1]


def test_what_text_of_the_database_cannot_hold_is_replaced_beside_the_event(
    database: Database, function: Functions
) -> None:
    function("dead-letters-endpoint").post(dead_letter("a\0b", id="a\0b \ud800"))

    [[content, _, _, reason, _]] = database.rows(ROW)
    assert r'"id": "a\u0000b \ud800"' in content
    assert reason == "a\ufffdb"
    assert database.rows("select ce_id from dead_letters") == [["a\ufffdb \ufffd"]]


@pytest.mark.parametrize("kind", NO_CLOUDEVENTS | OLD_CLOUDEVENT)
def test_what_is_no_cloudevent_is_kept_with_the_sentence_that_says_so(
    database: Database, function: Functions, kind: str
) -> None:
    body, headers = (NO_CLOUDEVENTS | OLD_CLOUDEVENT)[kind]

    answer = function("dead-letters-endpoint").post(body, **headers)

    assert answer.status_code == 204
    [[reason]] = database.rows("select reason from dead_letters")
    assert reason.startswith("expected ")


def test_what_cannot_be_read_is_kept_with_its_headers_and_its_bytes(
    database: Database, function: Functions
) -> None:
    where = {"ce_knativeerrordest": "http://cdevents-endpoint/", "ce_knativeerrorcode": "400"}
    headers = {"content_type": "text/plain", "ce_id": "1", "ce_note": "\xc3\xbc", **where}

    function("dead-letters-endpoint").post(b"\0\xff", **headers)

    [[content, *others]] = database.rows(ROW)
    sentence = "expected a CloudEvent 1.0, got one without source and specversion and type"
    assert json.loads(content) == {
        "id": "1",
        "note": "\u00fc",
        "datacontenttype": "text/plain",
        "data_base64": base64.b64encode(b"\0\xff").decode(),
    }
    assert others == ["http://cdevents-endpoint/", 400, sentence, 1]


def test_of_what_has_no_source_only_the_same_counts_as_the_same(
    database: Database, function: Functions
) -> None:
    for body in (b"a", b"b", b"a"):
        function("dead-letters-endpoint").post(body, ce_id="1")

    counts = [(data_of(content), count) for content, *_, count in database.rows(ROW)]
    assert sorted(counts) == [(b"a", 2), (b"b", 1)]


@pytest.mark.parametrize("member", [b'"note": NaN', b'"data": "\xed\xa0\x80"'])
def test_an_event_that_cannot_be_kept_as_json_is_kept_byte_by_byte(
    database: Database, function: Functions, member: bytes
) -> None:
    body = json.dumps(cloudevent()).encode()[:-1] + b", " + member + b"}"

    answer = function("dead-letters-endpoint").post(
        body, content_type="application/cloudevents+json"
    )

    assert answer.status_code == 204
    [[content, *_]] = database.rows(ROW)
    assert data_of(content) == body


@pytest.mark.parametrize("kind", ["no source", "a specversion of the past"])
def test_what_is_not_kept_is_worth_another_try(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    body, headers = (NO_CLOUDEVENTS | OLD_CLOUDEVENT)[kind]
    database.rows("revoke insert on dead_letters from dora_writer")

    refused = function("dead-letters-endpoint").post(body, **headers)
    monkeypatch.setenv("PGPORT", "1")
    dora_database.close()
    away = function("dead-letters-endpoint").post(body, **headers)

    assert (refused.status_code, away.status_code) == (500, 503)


def test_json_that_others_refuse_because_it_is_too_dense_is_kept(
    database: Database, function: Functions
) -> None:
    dense = dead_letter(data=[[]] * 100_000)

    refused = function("cloudevents-endpoint").post(dense)
    kept = function("dead-letters-endpoint").post(dense)

    assert (refused.status_code, kept.status_code) == (400, 204)
    assert refused.text.startswith("expected at most 50000 values in ")
    assert database.rows("select count(*) from dead_letters") == [[1]]
