"""The story of docs/metrics.md, sent to the functions, asked of the API and by the dashboard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.events import cdevent
from tests.grafana import VALUES, VARIABLES, Grafana
from tests.metrics.conftest import happen, looked_at, modules_database

__all__ = ["looked_at", "modules_database"]
REPOSITORY = Path(__file__).parents[2]
DOCUMENT = (REPOSITORY / "docs" / "metrics.md").read_text()
STORY = re.findall(
    r"^\| (\d{4}-\d\d-\d\d \d\d:\d\d) \| (\w+) \| (\w+) \| (.+) \|$", DOCUMENT, re.MULTILINE
)
ANSWERS = re.findall(
    r"^\| ([a-z-]+) \| ([\d. */]+) \| ([\d. */]+) \| ([\d. */]+) \| (\w+) \|$",
    DOCUMENT,
    re.MULTILINE,
)
SPAN = {"from": "2026-01-05", "to": "2026-01-26"}


def _time(text: str) -> str:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def _merged(service: str, time: str, detail: str) -> dict[str, Any]:
    commits = [
        {"sha": sha, "committedAt": _time(committed)}
        for sha, committed in re.findall(r"(\w+) of (\d{4}-\d\d-\d\d \d\d:\d\d)", detail)
    ]
    return cdevent(
        "change.merged",
        id=f"{service}-{time}",
        subject=commits[-1]["sha"],
        time=time,
        content={"repository": {"id": f"https://example.com/{service}"}},
        custom={"branch": "main", "commits": commits},
    )


def _deployed(service: str, time: str, detail: str) -> dict[str, Any]:
    artifact, _, commit = detail.partition(" of ")
    return cdevent(
        "service.upgraded",
        id=f"{service}-{time}",
        subject=service,
        time=time,
        content={"environment": {"id": "production"}, "artifactId": artifact},
        custom={"commit": commit} if commit else {},
    )


def _incident(predicate: str) -> Callable[[str, str, str], dict[str, Any]]:
    def make(service: str, time: str, detail: str) -> dict[str, Any]:
        return cdevent(
            f"incident.{predicate}",
            id=f"{detail}-{predicate}",
            subject=detail,
            time=time,
            content={"environment": {"id": "production"}, "service": {"id": service}},
        )

    return make


MAKE = {
    "merged": _merged,
    "deployed": _deployed,
    "detected": _incident("detected"),
    "resolved": _incident("resolved"),
}


def story() -> Iterator[dict[str, Any]]:
    """Return the events of the story, in its order."""
    return (MAKE[what](service, _time(when), detail) for when, service, what, detail in STORY)


def _number(text: str) -> float:
    """Work out 2/7 or 3.5 * 3600."""
    if " * " in text:
        hours, seconds = text.split(" * ")
        return float(hours) * float(seconds)
    return float(Fraction(text))


@pytest.fixture(scope="module")
def ask(looked_at: Database, function: Functions) -> Callable[..., Any]:
    """Let the story happen, and ask."""
    assert looked_at
    happen(function, story())

    def get(path: str, **parameters: str) -> Any:
        answer = function("metrics-endpoint").get(path, **SPAN, **parameters)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)

    return get


def test_the_document_has_the_story_and_all_five_metrics() -> None:
    assert len(STORY) == 18
    assert len(ANSWERS) == 5


def test_the_api_answers_what_was_worked_out_by_hand(ask: Callable[..., Any]) -> None:
    for metric, everything, shop, cart, level in ANSWERS:
        [group] = ask(f"/metrics/{metric}")["groups"]
        services = ask(f"/metrics/{metric}", group_by="service")["groups"]

        assert group["value"] == pytest.approx(_number(everything))
        assert str(group["level"]).lower() == level
        assert {each["service"]: each["value"] for each in services} == {
            "shop": pytest.approx(_number(shop)),
            "cart": pytest.approx(_number(cart)),
        }


def test_what_stands_beside_the_values_is_right_too(ask: Callable[..., Any]) -> None:
    [frequency] = ask("/metrics/deployment-frequency")["groups"]
    [lead_time] = ask("/metrics/lead-time-for-changes")["groups"]
    [failures] = ask("/metrics/change-failure-rate")["groups"]
    [recovery] = ask("/metrics/failed-deployment-recovery-time")["groups"]

    assert (frequency["frequency"], frequency["count"]) == ("weekly", 8)
    assert [bucket["count"] for bucket in frequency["buckets"]] == [4, 2, 2]
    assert (lead_time["count"], lead_time["unlinked"]) == (7, 1)
    hours = {name: value / 3600 for name, value in lead_time["percentiles"].items()}
    assert hours == pytest.approx({"p50": 4, "p75": 15, "p90": 26, "p95": 26})
    assert (failures["count"], failures["failed"]) == (7, 2)
    assert (recovery["count"], recovery["open"]) == (2, 0)
    assert recovery["time_to_restore"] == 1.75 * 3600


def test_the_evidence_says_which_ones_and_why(ask: Callable[..., Any]) -> None:
    deployments = ask("/deployments", service="shop")["deployments"]
    changes = ask("/changes", service="shop")["changes"]
    incidents = ask("/incidents")["incidents"]

    assert [
        (each["artifact"], each["is_failed"], each["is_rollback"], each["shipped_changes"])
        for each in deployments
    ] == [
        ("v3", False, False, 1),
        ("v1", False, True, 0),
        ("v2", True, False, 2),
        ("v1", False, False, 1),
    ]
    assert deployments[2]["incidents"][0]["id"] == "i1"
    assert deployments[2]["recovered_at"] == "2026-01-07T16:00:00Z"
    assert [each["sha"] for each in changes] == ["a4", "a3", "a2", "a1"]
    assert [(each["id"], each["why"]) for each in incidents] == [
        ("i2", "it is the latest of its service before it"),
        ("i1", "it is the latest of its service before it"),
    ]


def dashboard(database: Database) -> Grafana:
    return Grafana(database, SPAN["from"], SPAN["to"], {"tier": ["production"]})


@pytest.mark.parametrize("metric", VALUES)
def test_the_dashboard_shows_what_the_api_answers(
    ask: Callable[..., Any], looked_at: Database, metric: str
) -> None:
    [group] = ask(f"/metrics/{metric}")["groups"]
    grafana = dashboard(looked_at)
    number = "count" if metric == "deployment-frequency" else "value"
    weeks = {each["time"]: each[number] for each in group["buckets"] if each["count"]}

    assert grafana.value(metric) == (
        pytest.approx(group["value"]),
        group["level"] or group["reason"],
    )
    assert {
        _time(f"{week:%F %T}"): float(value) for week, value in grafana.series(metric).items()
    } == pytest.approx(weeks)


@pytest.mark.usefixtures("ask")
def test_the_dashboards_variables_are_what_there_is(looked_at: Database) -> None:
    grafana = dashboard(looked_at)

    assert grafana.shown(VARIABLES["environment"]["query"]) == [["production"]]
    assert sorted(grafana.shown(VARIABLES["service"]["query"])) == [["cart"], ["shop"]]
