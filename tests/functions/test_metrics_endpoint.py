"""What the metrics endpoint says of itself and of questions that it cannot answer."""

from __future__ import annotations

import json

import pytest

from dora.questions.routes import ROUTES
from tests.conftest import Database, Functions

PATH = "/deploy-frequency/day"


def test_the_root_says_what_there_is(database: Database, function: Functions) -> None:
    answer = json.loads(function("metrics-endpoint").get("/").data)

    assert database
    assert list(answer) == ["paths"]
    for path in answer["paths"]:
        takes_more = any(each.is_required for each in ROUTES[path].parameters.values())
        expected = 400 if takes_more else 200
        assert function("metrics-endpoint").get(path).status_code == expected


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"form": "2026-01-01"}, "'form' is no parameter here; there is from, to, service, env"),
        ({"from": "yesterday"}, "expected from to be a date, such as 2026-01-31, or a date-time"),
        ({"to": "2026-02-30"}, "expected to to be a date"),
        ({"to": "now"}, "expected to to be a date"),
        ({"to": "0000-01-01"}, "expected to to be a date"),
        ({"to": "99999-01-01"}, "expected to to be a date"),
        ({"from": "2026-01-01T25:00:00Z"}, "expected from to be a date"),
        ({"from": "2026-01-01T00:00:00"}, "expected from to be a date"),
        ({"from": ""}, "expected from to be a date"),
        (
            {"from": "2026-01-02", "to": "2026-01-01"},
            "expected from to be before to, got from 2026-01-02T00:00:00Z and to 2026-01-01T",
        ),
        ({"from": "0001-01-01T00:00:00+14:00"}, "expected from to be a date"),
        ({"service": ""}, "expected service to be a name, got ''"),
        ({"service": "a\0b"}, "expected service to be a name, got 'a\\x00b'"),
    ],
)
def test_a_bad_parameter_is_named_with_what_is_allowed(
    database: Database, function: Functions, parameters: dict[str, str], sentence: str
) -> None:
    answer = function("metrics-endpoint").get(PATH, **parameters)

    assert database
    assert answer.headers["content-type"] == "application/json"
    assert answer.status_code == 400
    assert json.loads(answer.data)["error"].startswith(sentence)


def test_a_parameter_given_twice_is_refused(database: Database, function: Functions) -> None:
    answer = function("metrics-endpoint").get(f"{PATH}?service=a&service=b")

    assert database
    assert answer.status_code == 400
    assert json.loads(answer.data) == {"error": "expected service once, got it 2 times"}


@pytest.mark.parametrize("path", ["/deploy-frequency/hour", "/deploy-frequency/day/", "/nothing"])
def test_an_unknown_path_is_404_with_the_paths_there_are(function: Functions, path: str) -> None:
    answer = function("metrics-endpoint").get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert "/deploy-frequency/week" in json.loads(answer.data)["error"]


@pytest.mark.parametrize("path", ["/", PATH])
def test_a_post_is_405(function: Functions, path: str) -> None:
    client = function("metrics-endpoint")

    answer = client.client.post(path, data=b"{}")

    assert answer.status_code == 405
    assert json.loads(answer.data) == {"error": "expected GET, got POST"}


def test_a_database_that_is_away_is_503(
    database: Database, function: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")

    answer = function("metrics-endpoint").get(PATH)

    assert database
    assert answer.status_code == 503
    assert json.loads(answer.data)["error"].startswith("the database is away: ")


def test_the_endpoint_may_only_read(database: Database, function: Functions) -> None:
    assert function("metrics-endpoint").environment["PGUSER"] == "dora_reader"
    may_write = "select has_table_privilege('dora_reader', oid, 'insert, update, delete')"

    assert database.rows(f"{may_write} from pg_class where relname = 'deployments'") == [[False]]
