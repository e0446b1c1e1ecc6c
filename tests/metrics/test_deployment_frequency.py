"""Deployment frequency: rows of deployments in, answers of the metrics endpoint out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Database, Functions

Deployed = Callable[..., None]
Ask = Callable[..., Any]


@pytest.fixture
def deployed(database: Database) -> Deployed:
    """Let a service have been deployed at these times."""

    def insert(*times: str, name: str = "shop", environment: str = "production") -> None:
        for time in times:
            database.rows(
                "insert into deployments select '/tests', gen_random_uuid()::text, :name,"
                " :time::timestamptz, :environment, null, 'deployed'",
                name=name,
                time=time,
                environment=environment,
            )

    return insert


@pytest.fixture
def ask(database: Database, function: Functions) -> Ask:
    """Ask the metrics endpoint."""

    def get(path: str, **parameters: str) -> Any:
        assert database
        answer = function("metrics-endpoint").get(path, **parameters)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return json.loads(answer.data)

    return get


def row(name: str, count: int, time: str) -> dict[str, Any]:
    return {"DeployName": name, "Deployments": count, "Time": time}


def test_without_deployments_the_list_is_empty(ask: Ask) -> None:
    assert ask("/deploy-frequency/day") == []


def test_deployments_are_counted_by_day_in_utc(deployed: Deployed, ask: Ask) -> None:
    deployed("2026-01-05T00:00:00Z", "2026-01-05T23:59:59.999999Z", "2026-01-06T00:30:00+01:00")
    deployed("2026-01-06T00:00:00Z")

    assert ask("/deploy-frequency/day") == [
        row("shop", 3, "2026-01-05T00:00:00Z"),
        row("shop", 1, "2026-01-06T00:00:00Z"),
    ]


def test_rows_are_ordered_by_time_and_then_by_name(deployed: Deployed, ask: Ask) -> None:
    deployed("2026-01-06T12:00:00Z", name="a")
    deployed("2026-01-05T12:00:00Z", name="b")
    deployed("2026-01-05T12:00:00Z", name="B")

    assert [(each["Time"][:10], each["DeployName"]) for each in ask("/deploy-frequency/day")] == [
        ("2026-01-05", "B"),
        ("2026-01-05", "b"),
        ("2026-01-06", "a"),
    ]


@pytest.mark.parametrize(
    ("bucket", "start"),
    [
        ("day", "2027-01-01"),
        ("week", "2026-12-28"),
        ("month", "2027-01-01"),
        ("year", "2027-01-01"),
    ],
)
def test_a_bucket_is_named_by_its_start(
    deployed: Deployed, ask: Ask, bucket: str, start: str
) -> None:
    deployed("2027-01-01T12:00:00Z")  # a Friday in week 53 of 2026

    assert ask(f"/deploy-frequency/{bucket}") == [row("shop", 1, f"{start}T00:00:00Z")]


def test_from_is_inclusive_and_to_exclusive(deployed: Deployed, ask: Ask) -> None:
    deployed("2026-01-04T23:59:59Z", "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")

    answer = ask("/deploy-frequency/day", **{"from": "2026-01-05", "to": "2026-01-06"})

    assert answer == [row("shop", 1, "2026-01-05T00:00:00Z")]


@pytest.mark.parametrize("start", ["2026-01-05T12:00:00+01:00", "2026-01-06T10:59:00+23:59"])
def test_a_time_may_have_any_offset(deployed: Deployed, ask: Ask, start: str) -> None:
    deployed("2026-01-05T10:59:59Z", "2026-01-05T11:00:00Z")

    answer = ask("/deploy-frequency/day", **{"from": start})

    assert answer == [row("shop", 1, "2026-01-05T00:00:00Z")]


def test_one_service_or_one_environment_can_be_asked_for(deployed: Deployed, ask: Ask) -> None:
    deployed("2026-01-05T12:00:00Z", name="shop")
    deployed("2026-01-05T12:00:00Z", name="cart", environment="staging")

    by_service = ask("/deploy-frequency/day", service="shop")
    by_environment = ask("/deploy-frequency/day", environment="staging")

    assert [each["DeployName"] for each in by_service] == ["shop"]
    assert [each["DeployName"] for each in by_environment] == ["cart"]


def test_a_filter_that_matches_nothing_gives_an_empty_list(deployed: Deployed, ask: Ask) -> None:
    deployed("2026-01-05T12:00:00Z")

    assert ask("/deploy-frequency/day", service="nobody") == []


def test_a_name_is_data_and_not_sql(deployed: Deployed, ask: Ask) -> None:
    deployed("2026-01-05T12:00:00Z", name="""o'"\\shop""")

    assert ask("/deploy-frequency/day", service="""o'"\\shop""")[0]["Deployments"] == 1
