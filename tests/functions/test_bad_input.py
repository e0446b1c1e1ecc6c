"""Rubbish sent straight into each function: a clear sentence, never 500, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.bad_input import BINARY, DEPLOYMENTS, NO_CLOUDEVENTS, OLD_CLOUDEVENT, REFUSED_CDEVENTS
from tests.conftest import FUNCTIONS, Database, Functions
from tests.events import carried, cdevent, cloudevent

ON_EVENT = [name for name, function in FUNCTIONS.items() if function.takes_events]
# The last place takes what it gets.
REFUSING = [name for name in ON_EVENT if name != "dead-letters-endpoint"]
MEGABYTE = 1024 * 1024
NOT_TAKEN = NO_CLOUDEVENTS | OLD_CLOUDEVENT


@pytest.mark.parametrize("name", REFUSING)
@pytest.mark.parametrize("kind", NOT_TAKEN)
def test_what_is_no_cloudevent_is_refused_with_a_sentence(
    function: Functions, name: str, kind: str
) -> None:
    body, headers = NOT_TAKEN[kind]

    answer = function(name).post(body, **headers)

    assert answer.status_code == 400
    assert answer.text.startswith("expected ")
    assert "\n" not in answer.text


def test_a_missing_attribute_is_named(function: Functions) -> None:
    body, headers = NO_CLOUDEVENTS["no source"]

    answer = function("cdevents-endpoint").post(body, **headers)

    assert answer.text == "expected a CloudEvent 1.0, got one without source"


def test_half_a_character_is_neither_answered_nor_logged(
    function: Functions, caplog: pytest.LogCaptureFixture
) -> None:
    body = json.dumps(cloudevent() | {"specversion": "\ud800"})

    answer = function("cdevents-endpoint").post(body, content_type="application/cloudevents+json")

    assert answer.status_code == 400
    assert answer.text.endswith("got ?")
    assert caplog.messages[-1].endswith("got ?")


@pytest.mark.parametrize("name", ON_EVENT)
def test_a_broken_cdevent_breaks_no_function(
    database: Database, function: Functions, name: str
) -> None:
    answers = {
        kind: function(name).post(event).status_code
        for kind, (event, _) in REFUSED_CDEVENTS.items()
    }

    assert database
    # 200: a transformer that does not know the shape replies that.
    assert {kind: code for kind, code in answers.items() if code not in (200, 204, 422)} == {}


@pytest.mark.parametrize("kind", REFUSED_CDEVENTS)
def test_the_gate_refuses_a_broken_cdevent_with_a_sentence_that_names_it(
    database: Database, function: Functions, kind: str
) -> None:
    event, part = REFUSED_CDEVENTS[kind]

    answer = function("cdevents-endpoint").post(event)

    assert answer.status_code == 422
    assert part in answer.text
    assert "\n" not in answer.text
    assert database.rows("select count(*) from cdevents_raw") == [[0]]


@pytest.mark.parametrize("kind", DEPLOYMENTS)
def test_a_broken_deployment_is_nothing_or_refused(function: Functions, kind: str) -> None:
    event, status = DEPLOYMENTS[kind]

    answer = function("kubernetes-transformer").post(event)

    assert answer.status_code == status


@pytest.mark.parametrize("name", ["cloudevents-endpoint", "cdevents-endpoint"])
def test_data_that_says_json_and_is_none_is_refused(
    database: Database, function: Functions, name: str
) -> None:
    answer = function(name).post(b"{broken", **BINARY)

    assert database
    assert answer.status_code == 422
    assert answer.text == "expected data to be JSON, got something that cannot be read as JSON"


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_json_does_not_know_are_refused(
    database: Database, function: Functions, literal: bytes
) -> None:
    answer = function("cloudevents-endpoint").post(b'{"n": %s}' % literal, **BINARY)

    assert database
    assert answer.status_code == 422


@pytest.mark.parametrize("time", ["yesterday", "0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z"])
def test_an_event_with_an_impossible_time_is_refused(
    database: Database, function: Functions, time: str
) -> None:
    answer = function("cloudevents-endpoint").post(cloudevent(time=time))

    assert answer.status_code == 422
    assert "time" in answer.text
    assert database.rows("select count(*) from cloudevents_raw") == [[0]]


def test_text_that_the_database_refuses_is_refused(database: Database, function: Functions) -> None:
    answer = function("cloudevents-endpoint").post(cloudevent(data="a\0b"))

    assert database
    assert answer.status_code == 422
    assert answer.text.startswith("the database refuses this: ")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("times", [1, 3])
def test_more_than_a_function_takes_is_refused(function: Functions, name: str, times: int) -> None:
    limit = int(FUNCTIONS[name].environment.get("MAX_BODY_BYTES", MEGABYTE))

    answer = function(name).post(b"x" * (times * limit + 1), **BINARY)

    assert answer.status_code == 413
    assert answer.text == f"expected at most {limit} bytes, got {times * limit + 1}"


def test_a_megabyte_is_taken(database: Database, function: Functions) -> None:
    body = b'"' + b"x" * (MEGABYTE - 2) + b'"'

    answer = function("cloudevents-endpoint").post(body, **BINARY)

    assert database
    assert answer.status_code == 204


def test_a_forged_recorded_event_has_no_effect(database: Database, function: Functions) -> None:
    answer = function("deployment-frequency").post(carried(cdevent(), recorded="true"))

    assert answer.status_code == 204
    assert database.rows("select count(*) from deployments") == [[0]]


def test_a_bug_is_answered_with_a_fixed_sentence(database: Database, function: Functions) -> None:
    database.rows("revoke insert on cloudevents_raw from dora_writer")

    answer = function("cloudevents-endpoint").post(cloudevent())

    assert answer.status_code == 500
    assert answer.text == "the function failed on this request; its log says why"


def test_a_database_that_is_away_is_worth_another_try(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGPASSWORD", "a-secret")

    answer: Any = function("cloudevents-endpoint").post(cloudevent())

    assert database
    assert answer.status_code == 503
    assert answer.text.startswith("the database is away: ")
    assert "a-secret" not in answer.text
