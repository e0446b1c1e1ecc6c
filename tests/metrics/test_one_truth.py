"""Metrics, summary, lists, CSV and the dashboard say one thing, also where a catalog renames.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from dora.questions.metrics import METRICS
from dora.times import instant
from tests.conftest import Database, Functions, catalog_of
from tests.grafana import PANELS, Grafana, sql_of
from tests.metrics.conftest import FOUR_WEEKS, Answers, reporting
from tests.metrics.happenings import DAY, deployed, incident, merged

CATALOG = """
services:
  shop: {team: storefront, aliases: [shop-api]}
  cart: {environments: [green]}
environments: {prod-us: live-all, prod-eu: live-all}
tiers: {blue: production, production: staging}
"""
SERVICES = ["cart", "mail", "shop"]


@pytest.fixture(scope="module")
def database(looked_at: Database) -> Database:
    return looked_at


@pytest.fixture(scope="module")
def answers(
    database: Database, function: Functions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Answers]:
    """Many things have happened, which the catalog calls by other names and tiers."""
    assert database
    catalog = tmp_path_factory.mktemp("catalog") / "catalog.yaml"
    catalog.write_text(CATALOG)
    places = [("shop-api", "prod-us"), ("shop", "prod-eu"), ("shop", "blue")]
    places += [("cart", "green"), ("cart", "live"), ("mail", "production"), ("mail", "prod")]
    events = [merged(f"c{n}", n * DAY, (f"c{n}", n * DAY - 90)) for n in range(8)]
    for day in range(8):
        for number, (service, environment) in enumerate(places):
            named = {"service": service, "environment": environment, "commit": f"c{day}"}
            name = f"{day}-{number}"
            minute = day * 2 * DAY + number * 10
            events.append(deployed(name, minute, **named, artifact=f"pkg:oci/a?tag=v{day % 5}"))
    for day, service in ((2, "shop"), (5, "shop-api"), (6, "cart"), (9, "nobody")):
        where = {"service": service, "environment": "prod-us", "subject": f"i{day}"}
        events.append(incident("detected", day * DAY + 600, **where))
    events.append(incident("resolved", 3 * DAY, subject="i2", service="shop"))
    with catalog_of(function, catalog):
        yield reporting(function)(*events)


def test_the_catalog_decides_what_is_asked_about(answers: Answers) -> None:
    groups = answers.groups("deployment-frequency", group_by="environment")

    assert [group["environment"] for group in groups] == ["blue", "green", "live-all", "prod"]


@pytest.mark.parametrize("asked", [{}, {"service": "shop"}, {"team": "storefront"}])
def test_the_lists_have_what_the_metrics_count(answers: Answers, asked: dict[str, str]) -> None:
    group = {metric: answers.metric(metric, **asked) for metric in METRICS}
    deployments = answers.ask("/deployments", **asked, limit=1000)["deployments"]
    changes = answers.ask("/changes", **asked, limit=1000)["changes"]
    incidents = answers.ask("/incidents", **asked, limit=1000)["incidents"]
    failures, recovery = group["change-failure-rate"], group["failed-deployment-recovery-time"]

    assert len(deployments) == group["deployment-frequency"]["count"] > 8
    assert len(changes) == group["lead-time-for-changes"]["count"] > 5
    rollbacks = [each for each in deployments if each["is_rollback"]]
    assert len(deployments) - len(rollbacks) == failures["count"]
    failed = [each for each in deployments if each["is_failed"]]
    assert len(failed) == failures["failed"] == recovery["count"] + recovery["open"] > 1
    assert len([each for each in failed if each["recovered_at"]]) == recovery["count"]
    reworks = [each for each in deployments if each["is_rework"]]
    assert len(reworks) == group["deployment-rework-rate"]["rework"]
    nowhere = [each for each in incidents if each["deployment"] is None]
    assert len(nowhere) == failures["unattributed"]


def test_the_summary_and_its_table_have_what_the_metrics_say(
    answers: Answers, function: Functions
) -> None:
    table = function("metrics-endpoint").get("/summary", **FOUR_WEEKS, format="csv").text
    cells = {(row["service"], row["metric"]): row for row in csv.DictReader(io.StringIO(table))}
    summary = answers.ask("/summary")["services"]

    assert [each["service"] for each in summary] == ["cart", "mail", "nobody", "shop"]
    for each in summary:
        for metric, summarised in each["metrics"].items():
            group = answers.metric(metric, service=each["service"], compare="previous")
            del group["buckets"]
            assert summarised == {"unit": METRICS[metric].unit, **group}
            cell = cells[each["service"], metric]["value"]
            assert cell == ("" if group["value"] is None else str(group["value"]))


CHOICES: list[dict[str, list[str]]] = [
    {},
    {"tier": ["production"]},
    {"tier": ["staging"]},
    {"team": ["storefront"]},
    {"team": ["(none)"], "tier": ["production"]},
    {"environment": ["live-all", "green"]},
    *({"service": [service], "tier": ["production"]} for service in SERVICES),
]
# All that the API calls so.
EVERY_TIER = ["production", "staging", "testing", "development"]


def asked(chosen: dict[str, list[str]]) -> dict[str, Any]:
    """Return the question that is as what is chosen in the dashboard."""
    question: dict[str, Any] = {"tier": EVERY_TIER} | chosen
    if chosen.get("team") == ["(none)"]:
        question["service"] = [name for name in SERVICES if name != "shop"] + ["nobody"]
        del question["team"]
    return question


@pytest.mark.parametrize("chosen", CHOICES, ids=str)
def test_the_dashboard_shows_what_the_api_answers(
    answers: Answers, database: Database, chosen: dict[str, list[str]]
) -> None:
    grafana = Grafana(database, FOUR_WEEKS["from"], FOUR_WEEKS["to"], chosen)

    for metric in METRICS:
        question = FOUR_WEEKS | asked(chosen) | {"bucket": "week"}
        [group] = answers.ask(f"/metrics/{metric}", **question)["groups"]
        value, level = grafana.value(metric)
        assert value == pytest.approx(group["value"])
        assert level == (group["level"] or group["reason"])
        number = "count" if metric == "deployment-frequency" else "value"
        weeks = [each[number] for each in group["buckets"] if each["count"]]
        counted = [each for each in grafana.series(metric).values() if each is not None]
        assert counted == pytest.approx([week for week in weeks if week is not None])


@pytest.mark.parametrize("chosen", CHOICES, ids=str)
def test_the_dashboards_lists_have_the_rows_of_the_apis(
    answers: Answers, database: Database, chosen: dict[str, list[str]]
) -> None:
    grafana = Grafana(database, FOUR_WEEKS["from"], FOUR_WEEKS["to"], chosen)

    for title, path, only in (
        ("Deployments", "deployments", "counted"),
        ("Failed deployments", "deployments", "failed"),
        ("Incidents", "incidents", "counted"),
    ):
        listed = answers.ask(f"/{path}", **asked(chosen), only=only, limit=1000)[path]
        shown = grafana.shown(sql_of(PANELS[title]))
        assert sorted(row[1] or "" for row in shown) == sorted(
            row["service"] or "" for row in listed
        )
        times = [instant(row.get("deployed_at") or row["detected_at"]) for row in listed]
        assert [row[0] for row in shown] == times


def test_what_the_dashboard_says_of_trust_is_of_each_metric(
    answers: Answers, database: Database
) -> None:
    grafana = Grafana(database, FOUR_WEEKS["from"], FOUR_WEEKS["to"], {"service": ["mail"]})

    shown = grafana.shown(sql_of(PANELS["Can these numbers be trusted?"]))

    groups = {name: answers.metric(name, **asked({"service": ["mail"]})) for name in METRICS}
    assert [row[0] for row in shown] == list(METRICS)
    assert [row[1:] for row in shown] == [
        [group["level"], group["count"], group["reason"]] for group in groups.values()
    ]
