"""What is kept of events that could not be delivered."""

from __future__ import annotations

import base64
import json
from typing import Any

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
    attributes = {"ce_id": "1", "ce_source": "/tests", "ce_type": "t", "ce_specversion": "1.0"}

    function("dead-letters-endpoint").post(
        b"{broken", content_type="application/json", **attributes
    )

    [[content, *_]] = database.rows(ROW)
    assert base64.b64decode(json.loads(content)["data_base64"]) == b"{broken"


def test_an_event_too_large_for_other_functions_is_kept(
    database: Database, function: Functions
) -> None:
    answer = function("dead-letters-endpoint").post(dead_letter(data="x" * 1_200_000))

    assert answer.status_code == 204
    assert database.rows("select length(content::text) > 1200000 from dead_letters") == [[True]]
