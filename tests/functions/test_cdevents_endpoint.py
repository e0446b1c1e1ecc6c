"""The gate: which CDEvents come in, and what it answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.conftest import Database, Functions
from tests.events import carried, cdevent


def test_a_valid_cdevent_is_kept(database: Database, function: Functions) -> None:
    event = cdevent()

    function("cdevents-endpoint").post(carried(event))

    columns = "cd_source, cd_id, cd_type, cd_subject_id, cd_timestamp, content"
    assert database.rows(f"select {columns} from cdevents_raw") == [
        [
            "/tests",
            "d1",
            "dev.cdevents.service.deployed.0.3.0",
            "shop",
            datetime(2026, 1, 5, 12, tzinfo=UTC),
            event,
        ]
    ]


def test_the_answer_is_the_same_event_marked_as_recorded(
    database: Database, function: Functions
) -> None:
    event = carried(cdevent())

    answer = function("cdevents-endpoint").post(event | {"knativearrivaltime": "now"})

    assert database
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/cloudevents+json"
    assert json.loads(answer.data) == event | {"recorded": "true"}


def test_an_event_that_was_there_before_is_recorded_too(
    database: Database, function: Functions
) -> None:
    for _ in range(2):
        answer = function("cdevents-endpoint").post(carried(cdevent()))

    assert json.loads(answer.data)["recorded"] == "true"
    assert database.rows("select count(*) from cdevents_raw") == [[1]]


@pytest.mark.parametrize("order", [[1, 2], [2, 1]])
def test_of_one_id_told_in_two_ways_the_earliest_stays(
    database: Database, function: Functions, order: list[int]
) -> None:
    for minute in order:
        event = cdevent(time=f"2026-01-05T12:0{minute}:00Z")
        function("cdevents-endpoint").post(carried(event))

    assert database.rows("select cd_timestamp from cdevents_raw") == [
        [datetime(2026, 1, 5, 12, 1, tzinfo=UTC)]
    ]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_of_one_time_the_report_that_says_the_most_stays(
    database: Database, function: Functions, order: list[int]
) -> None:
    """A GitHubSource loses the tier, a backfill may not know files, a job knows more than its deployment."""
    known = [{"commit": "a1"}, {"commit": "a1", "tier": "production"}, {"repository": "r"}]
    for place in order:
        function("cdevents-endpoint").post(carried(cdevent(custom=known[place])))

    assert database.rows("select content #> '{customData,dora}' from cdevents_raw") == [[known[1]]]


def test_a_time_written_differently_is_the_same_time(
    database: Database, function: Functions
) -> None:
    event = cdevent(time="2026-01-05T12:00:00.000+02:00")

    answer = function("cdevents-endpoint").post(carried(event, time="2026-01-05T10:00:00Z"))

    assert database
    assert answer.status_code == 200


def test_a_percent_encoded_attribute_is_the_same_attribute(
    database: Database, function: Functions
) -> None:
    event = carried(cdevent(subject="Bäckerei"), subject="B%C3%A4ckerei")

    answer = function("cdevents-endpoint").post(event)

    assert database
    assert answer.status_code == 200


@pytest.mark.parametrize("attribute", ["id", "source", "type", "subject"])
def test_an_attribute_that_differs_from_the_cdevent_is_refused(
    database: Database, function: Functions, attribute: str
) -> None:
    other = "dev.cdevents.other"

    answer = function("cdevents-endpoint").post(carried(cdevent()) | {attribute: other})

    assert answer.status_code == 422
    assert answer.text.startswith(f"expected the attribute {attribute} to be ")
    assert other in answer.text
    assert database.rows("select count(*) from cdevents_raw") == [[0]]


def test_a_subject_that_is_not_there_is_named(database: Database, function: Functions) -> None:
    answer = function("cdevents-endpoint").post(carried(cdevent(), subject=None))

    assert database
    assert answer.status_code == 422
    assert answer.text == "expected the attribute subject to be subject.id, got none"


@pytest.mark.parametrize("time", [None, "2026-01-05T12:00:01.5Z"])
def test_when_it_happened_is_what_the_cdevent_says(
    database: Database, function: Functions, time: str | None
) -> None:
    answer = function("cdevents-endpoint").post(carried(cdevent(), time=time))

    reply = json.loads(answer.data)
    assert answer.status_code == 200
    assert (reply["time"], reply.get("senttime")) == ("2026-01-05T12:00:00Z", time)
    assert database.rows("select cd_timestamp from cdevents_raw") == [
        [datetime(2026, 1, 5, 12, tzinfo=UTC)]
    ]


def test_custom_events_come_in_too(database: Database, function: Functions) -> None:
    event = cdevent()
    event["context"]["type"] = "dev.cdeventsx.mytool-thing.happened.0.1.0"
    event["subject"]["content"] = {"anything": "goes"}

    answer = function("cdevents-endpoint").post(carried(event))

    assert answer.status_code == 200
    assert database.rows("select cd_type from cdevents_raw") == [[event["context"]["type"]]]
