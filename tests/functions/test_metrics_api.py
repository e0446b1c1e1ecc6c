"""The API of the five metrics: what it answers without data, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dora.questions.metrics import METRICS
from dora.questions.routes import ROUTES
from tests.conftest import Database, Functions
from tests.metrics import happenings
from tests.metrics.conftest import TICK, History, happened

__all__ = ["happened"]
Ask = Callable[..., Any]
JANUARY = {"from": "2026-01-05", "to": "2026-01-19"}


@pytest.fixture
def ask(database: Database, function: Functions) -> Ask:
    """Ask the endpoint; return the answer's JSON."""

    def get(path: str, status: int = 200, **parameters: Any) -> Any:
        assert database
        answer = function("metrics-endpoint").get(path, **parameters)
        assert answer.status_code == status, answer.text
        return json.loads(answer.data)

    return get


def deployed(event_id: str, time: str, service: str = "shop", **parts: Any) -> dict[str, Any]:
    event = happenings.deployed(event_id, 0, service=service, **parts)
    event["context"]["timestamp"] = time
    return event


@pytest.mark.parametrize("metric", METRICS)
def test_without_data_a_metric_is_null_with_a_reason(ask: Ask, metric: str) -> None:
    answer = ask(f"/metrics/{metric}", **JANUARY)

    [group] = answer["groups"]
    assert answer["metric"] == metric
    assert answer["from"] == "2026-01-05T00:00:00Z"
    assert answer["to"] == "2026-01-19T00:00:00Z"
    assert answer["bucket"] == "week"
    assert answer["filters"] == {"tier": ["production"]}
    assert group["value"] is None
    assert group["level"] is None
    assert group["reason"]
    assert group["count"] == 0
    assert [(each["time"], each["value"], each["count"]) for each in group["buckets"]] == [
        ("2026-01-05T00:00:00Z", None, 0),
        ("2026-01-12T00:00:00Z", None, 0),
    ]


def test_the_catalog_goes_before_what_events_tell(
    ask: Ask, happened: History, function: Functions, catalog: Path
) -> None:
    happened([deployed("d1", "2026-01-06T12:00:00Z", "shop", team="told")])
    catalog.write_text("services: {shop: {team: said, repositories: [r]}}")
    assert function("deployment-frequency").post(TICK).status_code == 204

    def count(**parameters: Any) -> int:
        number: int = ask("/metrics/deployment-frequency", **JANUARY, **parameters)["groups"][0][
            "count"
        ]
        return number

    assert count(team="said") == 1
    assert count(team="told") == 0
    assert count(repository="r") == 1
    assert count(repository="other") == 0
    assert count(team="said", service="cart") == 0


def test_the_longest_span_has_a_span_before(ask: Ask) -> None:
    span = {"from": "1900-01-01", "to": "2999-12-31"}

    [group] = ask("/metrics/change-failure-rate", **span, bucket="all", compare="previous")[
        "groups"
    ]

    assert group["previous"]["from"] == "0800-01-02T00:00:00Z"


def test_buckets_begin_on_mondays_firsts_and_new_years_days(ask: Ask) -> None:
    def starts(bucket: str, start: str, end: str) -> list[str]:
        span = {"from": start, "to": end, "bucket": bucket}
        [group] = ask("/metrics/change-failure-rate", **span)["groups"]
        return [each["time"][:10] for each in group["buckets"]]

    assert starts("day", "2026-03-28", "2026-03-31") == ["2026-03-28", "2026-03-29", "2026-03-30"]
    assert starts("week", "2026-12-30", "2027-01-05") == ["2026-12-28", "2027-01-04"]
    assert starts("month", "2026-01-31", "2026-03-01") == ["2026-01-01", "2026-02-01"]
    assert starts("year", "2025-12-31", "2026-01-02") == ["2025-01-01", "2026-01-01"]
    assert starts("all", "2026-01-31", "2026-03-01") == ["2026-01-31"]


@pytest.mark.parametrize(
    ("parameters", "start"),
    [
        ({"from": "P30D", "to": "2026-03-31"}, "2026-03-01T00:00:00Z"),
        ({"from": "P1M", "to": "2026-03-31"}, "2026-02-28T00:00:00Z"),
        ({"from": "P1Y2M3W4DT5H6M7S", "to": "2026-03-31"}, "2025-01-05T18:53:53Z"),
        # The day before Berlin's clocks went forward.
        ({"from": "P2D", "to": "2026-03-30", "timezone": "Europe/Berlin"}, "2026-03-27T23:00:00Z"),
        (
            {"from": "2026-03-29", "to": "2026-03-30", "timezone": "Asia/Tokyo"},
            "2026-03-28T15:00:00Z",
        ),
    ],
)
def test_a_span_may_begin_a_duration_before_its_end(
    ask: Ask, parameters: dict[str, str], start: str
) -> None:
    assert ask("/metrics/change-failure-rate", **parameters, bucket="all")["from"] == start


def test_without_an_end_a_duration_is_back_from_now(ask: Ask) -> None:
    answer = ask("/summary", **{"from": "PT90M"})

    start, end = (datetime.fromisoformat(answer[name]) for name in ("from", "to"))
    assert end - start == timedelta(minutes=90)
    assert timedelta(minutes=-1) <= datetime.now(UTC) - end < timedelta(minutes=10)


def test_the_deployments_of_one_id_can_be_asked_for(ask: Ask, happened: History) -> None:
    happened([deployed("d1", "2026-01-06T12:00:00Z"), deployed("d2", "2026-01-06T12:00:00Z")])

    found = ask("/deployments", **JANUARY, deployment="d1")["deployments"]

    assert [each["id"] for each in found] == ["d1"]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"bucket": "hour"},
            "expected bucket to be one of day, week, month, quarter, year, all, got 'hour'",
        ),
        ({"tier": "live"}, "expected tier to be one of production, staging, testing, development"),
        ({"group_by": "commit"}, "expected group_by to be one of service, environment, team"),
        ({"format": "xml"}, "expected format to be one of json, csv, got 'xml'"),
        ({"limit": "5"}, "'limit' is no parameter here; there is from, to, timezone, bucket"),
        ({"timezone": "Berlin"}, "expected timezone to be a name of IANA, such as Europe/Berlin"),
        ({"timezone": "../etc"}, "expected timezone to be a name of IANA, such as Europe/Berlin"),
        ({"from": "P"}, "expected from to be a date, such as 2026-01-31, or a date-time of RFC"),
        ({"from": "P0D"}, "expected from to be before to, got from "),
        (
            {"from": "P9999Y"},
            "expected from to be a date, such as 2026-01-31, or a date-time of RFC",
        ),
        ({"to": "P1D"}, "expected to to be a date, such as 2026-01-31, or a date-time of RFC 3339"),
        ({"bots": "in"}, "expected bots to be one of apart, got 'in'"),
        ({"from": "2000-01-01", "bucket": "day"}, "expected a span of at most 1100 buckets"),
        ({"to": "9999-12-31"}, "expected to to be in the years 1900 to 2999, got 9999"),
        ({"to": "0001-01-01"}, "expected to to be in the years 1900 to 2999, got 1"),
        ({"service": ""}, "expected service to be a name, got ''"),
    ],
)
def test_a_bad_parameter_is_one_sentence(
    ask: Ask, parameters: dict[str, str], sentence: str
) -> None:
    answer = ask("/metrics/change-failure-rate", status=400, **parameters)

    assert answer["error"].startswith(sentence)


@pytest.mark.parametrize("cursor", ["x", "eyJ9", "WzEsMiwzXQ==", "é", "W10="])
@pytest.mark.parametrize("path", ["/deployments", "/services"])
def test_a_cursor_of_ones_own_making_is_refused(ask: Ask, path: str, cursor: str) -> None:
    for form in ("json", "csv"):
        error = ask(path, status=400, cursor=cursor, format=form)["error"]
        assert error.startswith("expected cursor")


def test_only_the_description_has_no_table(function: Functions, database: Database) -> None:
    assert database
    without = []
    # What answers of one deployment or incident has to be asked which.
    of_many = [
        path
        for path, route in ROUTES.items()
        if not any(parameter.is_required for parameter in route.parameters.values())
    ]
    assert {"/summary", "/deployments", "/quality"} < set(of_many)
    for path in of_many:
        answer = function("metrics-endpoint").get(path, accept="text/csv")
        assert answer.status_code == 200
        if answer.headers["content-type"] != "text/csv; charset=utf-8":
            without.append(path)
    assert without == ["/openapi.json"]


def test_in_csv_what_begins_like_a_formula_is_text_to_a_spreadsheet(
    function: Functions, happened: History
) -> None:
    happened([deployed("d1", "2026-01-06T12:00:00Z", "=shop")])

    answer = function("metrics-endpoint").get("/deployments", **JANUARY, format="csv")

    [row] = csv.DictReader(io.StringIO(answer.text))
    assert row["service"] == "'=shop"


def test_the_description_has_every_path(ask: Ask) -> None:
    described, there = ask("/openapi.json"), ask("/")

    badges = {f"/badge/{{metric}}.{form}" for form in ("svg", "json")}
    assert set(described["paths"]) == set(there["paths"]) | badges
    assert described["openapi"] == "3.1.0"
