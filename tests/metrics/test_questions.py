"""What can be asked of the metrics endpoint: events in, answers out.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dora.questions.metrics import METRICS
from dora.questions.question import TIERS
from tests.conftest import Database, Functions
from tests.events import deployment_event
from tests.metrics.conftest import FOUR_WEEKS, Report
from tests.metrics.happenings import DAY, deployed, incident, merged

FREQUENCY, LEAD_TIME = "deployment-frequency", "lead-time-for-changes"
UNITS = {
    "deployment-frequency": "deployments a day",
    "lead-time-for-changes": "seconds",
    "change-failure-rate": "ratio",
    "failed-deployment-recovery-time": "seconds",
    "deployment-rework-rate": "ratio",
}
DEPLOYED = ["shop blue", "shop production", "shop staging", "cart production", "cart blue"]
ACME, OTHER = "https://example.com/acme", "https://example.com/other"

OF_GROUP = ("level", "reason", "report_year", "covered_from", "covered_days", "frequency")


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def test_the_metrics_are_listed_with_their_units_and_paths(function: Functions) -> None:
    listed = json.loads(function("metrics-endpoint").get("/metrics").data)["metrics"]

    assert {name: listed[name] for name in UNITS} == {
        name: {"says": METRICS[name].says, "unit": unit, "path": f"/metrics/{name}"}
        for name, unit in UNITS.items()
    }


@pytest.mark.parametrize("path", [*(f"/metrics/{name}" for name in UNITS), "/summary", "/changes"])
def test_without_from_and_to_the_last_90_days_are_asked_about(
    database: Database, function: Functions, path: str
) -> None:
    before = datetime.now(UTC)
    answer = json.loads(function("metrics-endpoint").get(path).data)

    start, end = (datetime.fromisoformat(answer[name]) for name in ("from", "to"))
    assert database
    assert end - start == timedelta(days=90)
    assert before <= end <= datetime.now(UTC) + timedelta(minutes=1)
    assert end.second == end.microsecond == 0


FILTERS: list[tuple[dict[str, str | list[str]], list[str]]] = [
    ({"service": "shop"}, ["d1"]),
    ({"service": ["shop", "cart"]}, ["d1", "d2"]),
    ({"environment": ["production", "staging"]}, ["d1", "d2", "d4"]),
    ({"environment": "staging", "tier": "production"}, []),
    ({"tier": ["staging", "production"]}, ["d1", "d2", "d3", "d4"]),
    ({"repository": ACME}, ["d1", "d2"]),
    ({"repository": [ACME, OTHER]}, ["d1", "d2", "d3"]),
    ({"team": "storefront"}, ["d1"]),
    ({"team": ["storefront", "post"]}, ["d1", "d3"]),
    ({"team": "storefront", "repository": OTHER}, []),
]


@pytest.mark.parametrize("metric", UNITS)
def test_the_beginning_is_in_the_span_and_the_end_is_not(report: Report, metric: str) -> None:
    answers = report(
        *(merged("c1", -1), deployed("first", 0, commit="c1")),
        *(incident("detected", 0, deployment="first"), incident("resolved", 1)),
        *(merged("c2", 28 * DAY - 1), deployed("end", 28 * DAY, commit="c2")),
        incident("detected", 28 * DAY, subject="2", deployment="end"),
        incident("resolved", 28 * DAY + 1, subject="2"),
    )

    assert answers.metric(metric)["count"] == 1
    assert answers.ids("counts") == ["first"]


@pytest.mark.parametrize(("asked", "found"), FILTERS)
def test_filters_narrow_every_answer_and_may_be_repeated(
    report: Report, asked: dict[str, Any], found: list[str]
) -> None:
    answers = report(
        deployed("d1", 1, service="shop", repository=ACME, team="storefront"),
        deployed("d2", 2, service="cart", repository=ACME),
        deployed("d3", 3, service="mail", repository=OTHER, team="post", environment="prod-eu"),
        deployed("d4", 4, service="help", environment="staging"),
    )

    assert [name for (name,) in answers.rows("deployments", "id", **asked)] == found
    for metric in (FREQUENCY, "change-failure-rate", "deployment-rework-rate"):
        assert answers.metric(metric, **asked)["count"] == len(found)
    assert answers.metric(LEAD_TIME, **asked)["unlinked"] == len(found)
    assert len(answers.ask("/summary", **asked)["services"]) == len(found)


OWN_PRODUCTION: list[tuple[dict[str, str | list[str]], list[str]]] = [
    ({}, ["shop blue", "cart production"]),
    ({"tier": "staging"}, ["shop staging"]),
    ({"tier": ["production", "staging"]}, ["shop blue", "shop staging", "cart production"]),
    ({"environment": "production"}, ["shop production", "cart production"]),
    ({"environment": "production", "tier": "production"}, ["cart production"]),
    ({"environment": "blue"}, ["shop blue", "cart blue"]),
    ({"environment": "blue", "tier": "production"}, ["shop blue"]),
    ({"tier": list(TIERS)}, DEPLOYED),
]


@pytest.mark.parametrize(("asked", "found"), OWN_PRODUCTION)
def test_a_service_whose_catalog_says_its_production_has_no_other(
    report: Report, catalog: Path, asked: dict[str, Any], found: list[str]
) -> None:
    catalog.write_text("services: {shop: {environments: [blue]}}")

    answers = report(*(event for number in range(5) for event in failed_deployment(number)))

    for name, part in (
        ("deployments", "id"),
        ("changes", "deployment"),
        ("incidents", "deployment"),
    ):
        assert [each for (each,) in answers.rows(name, part, **asked)] == found
    for metric in (FREQUENCY, LEAD_TIME, "change-failure-rate", "deployment-rework-rate"):
        assert answers.metric(metric, **asked)["count"] == len(found)
    recovery_time = answers.metric("failed-deployment-recovery-time", **asked)
    assert (recovery_time["open"], recovery_time["open_incidents"]) == (len(found), len(found))
    services = answers.ask("/summary", **asked)["services"]
    assert sum(each["metrics"][FREQUENCY]["count"] for each in services) == len(found)


def failed_deployment(number: int) -> list[dict[str, Any]]:
    """Make the deployment of this number in DEPLOYED, with a change of its own and an incident."""
    service, environment = DEPLOYED[number].split()
    place = {"service": service, "environment": environment}
    return [
        merged(f"c{number}", number),
        deployed(DEPLOYED[number], number + 10, commit=f"c{number}", **place),
        incident("detected", number + 20, subject=DEPLOYED[number], **place),
    ]


def test_the_tutorials_answer_counts_all_environments_whatever_the_catalog_says(
    report: Report, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {environments: [blue]}}")

    answers = report(*(event for number in range(5) for event in failed_deployment(number)))

    counted = [
        (each["DeployName"], each["Deployments"]) for each in answers.ask("/deploy-frequency")
    ]
    assert counted == [("cart", 2), ("shop", 3)]


def test_a_repository_narrows_the_changes_to_its_own(report: Report) -> None:
    answers = report(
        *(merged(f"c-{name}", 1, repository=name) for name in (ACME, OTHER)),
        deployed("d1", 2, commit=f"c-{ACME}", repository=ACME),
        deployed("d2", 3, commit=f"c-{OTHER}", repository=OTHER),
    )

    assert answers.metric(LEAD_TIME)["count"] == 2
    assert answers.metric(LEAD_TIME, repository=ACME)["count"] == 1


@pytest.mark.parametrize(
    ("labels", "team"),
    [
        ({"dora.dev/team": "storefront", "app.kubernetes.io/part-of": "shop"}, "storefront"),
        ({"app.kubernetes.io/part-of": "shop"}, "shop"),
        ({}, None),
    ],
)
def test_labels_of_kubernetes_fill_in_the_team_that_no_catalog_says(
    report: Report, function: Functions, labels: dict[str, str], team: str | None
) -> None:
    rollout = function("kubernetes-transformer").post(deployment_event(metadata__labels=labels))
    answers = report(json.loads(rollout.data)["data"])

    [group] = answers.groups(FREQUENCY, to="2026-12-01", group_by="team")
    assert (group["team"], group["count"]) == (team, 1)


def test_groups_are_named_by_service_environment_or_team(report: Report) -> None:
    answers = report(
        deployed("d1", 1, team="storefront"),
        deployed("d2", 2, service="cart", team="storefront"),
        deployed("d3", 3, service="mail", environment="prod-eu"),
    )

    def groups(by: str) -> list[Any]:
        return [(group[by], group["count"]) for group in answers.groups(FREQUENCY, group_by=by)]

    assert groups("service") == [("cart", 1), ("mail", 1), ("shop", 1)]
    assert groups("environment") == [("prod-eu", 1), ("production", 2)]
    assert groups("team") == [(None, 1), ("storefront", 2)]


def test_each_group_has_the_span_before_beside_it_also_one_that_is_only_there(
    report: Report,
) -> None:
    answers = report(
        deployed("d1", -28 * DAY, service="cart"),
        deployed("d2", 10, service="cart"),
        deployed("d3", 20, service="cart"),
        deployed("d4", -28 * DAY, service="old"),
    )

    groups = answers.groups(FREQUENCY, group_by="service", compare="previous")
    assert [(each["service"], each["count"], each["previous"]["count"]) for each in groups] == [
        ("cart", 2, 1),
        ("old", 0, 1),
    ]
    assert [each["previous"]["change"] for each in groups] == [1 / 28, -1 / 28]
    assert groups[0]["previous"]["from"] == "2025-12-08T00:00:00Z"
    assert groups[0]["previous"]["to"] == "2026-01-05T00:00:00Z"


def test_the_summary_tells_each_service_with_level_reason_and_change(report: Report) -> None:
    answers = report(
        deployed("d0", -28 * DAY),
        merged("c1", 0),
        deployed("d1", 60, commit="c1"),
        deployed("d2", 90),
        incident("detected", 100, service="cart"),
    )

    cart, shop = answers.ask("/summary")["services"]
    assert (cart["service"], shop["service"]) == ("cart", "shop")
    for service in (cart, shop):
        assert list(service["metrics"])[: len(UNITS)] == list(UNITS)
    frequency = shop["metrics"][FREQUENCY]
    assert (frequency["value"], frequency["level"]) == (2 / 28, "medium")
    assert frequency["previous"]["change"] == 1 / 28
    lead_time = shop["metrics"][LEAD_TIME]
    assert (lead_time["value"], lead_time["level"], lead_time["count"]) == (3600, None, 1)
    assert lead_time["reason"] == "a level takes at least 5 changes, there are 1"
    assert cart["metrics"][FREQUENCY]["value"] is None
    assert cart["metrics"][FREQUENCY]["reason"].startswith("never deployed in the environments")
    assert cart["metrics"][LEAD_TIME]["reason"].startswith("no deployment in this time shipped")


@pytest.mark.parametrize(
    ("name", "part"), [("deployments", "id"), ("changes", "sha"), ("incidents", "id")]
)
def test_a_list_is_paged_by_cursor_without_gap_or_repeat(
    report: Report, name: str, part: str
) -> None:
    answers = report(
        *(merged(f"c{number}", number) for number in range(5)),
        *(deployed(f"d{number}", 10, commit=f"c{number}") for number in range(5)),
        *(incident("detected", 20, subject=f"i{number}") for number in range(5)),
    )

    page = answers.ask(f"/{name}", limit=2)
    pages = [page[name]]
    while page["next"]:
        page = answers.ask(f"/{name}", limit=2, cursor=page["next"])
        pages.append(page[name])

    assert [len(rows) for rows in pages] == [2, 2, 1]
    assert [row[part][1] for rows in pages for row in rows] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    "path", [*(f"/metrics/{name}" for name in UNITS), "/summary", "/deployments", "/changes"]
)
def test_csv_is_given_by_header_and_by_parameter(
    report: Report, function: Functions, path: str
) -> None:
    report(merged("c1", 1), deployed("d1", 2, commit="c1"))
    endpoint = function("metrics-endpoint")

    by_parameter = endpoint.get(path, **FOUR_WEEKS, format="csv")
    by_header = endpoint.get(path, accept="text/csv", **FOUR_WEEKS)

    assert by_parameter.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_header.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_header.text == by_parameter.text
    assert list(csv.DictReader(io.StringIO(by_header.text)))


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (
            f"/metrics/{FREQUENCY}?group_by=team",
            "metric,team,time,value,count,partial,unit,level,reason",
        ),
        ("/summary", "service,metric,unit,value,level,count,reason,report_year,covered_from"),
        ("/incidents", "source,id,service,environment,detected_at,resolved_at,description,"),
    ],
)
def test_csv_without_a_row_has_the_names_of_its_columns(
    database: Database, function: Functions, path: str, names: str
) -> None:
    assert database
    answer = function("metrics-endpoint").get(path, accept="text/csv")

    [line] = answer.text.splitlines()
    assert line.startswith(names)


@pytest.mark.parametrize("name", ["deployments", "changes", "incidents"])
def test_the_columns_of_csv_are_the_parts_of_the_json(
    report: Report, function: Functions, name: str
) -> None:
    [row] = report(*failed_deployment(0)).ask(f"/{name}", tier=TIERS)[name]

    answer = function("metrics-endpoint").get(f"/{name}", **FOUR_WEEKS, tier=TIERS, format="csv")

    assert answer.text.splitlines()[0] == ",".join(row)


def test_csv_has_a_row_for_each_bucket_of_each_group(report: Report, function: Functions) -> None:
    report(deployed("d1", 2))
    asked = FOUR_WEEKS | {"to": "2026-01-19", "group_by": "service", "format": "csv"}

    answer = function("metrics-endpoint").get(f"/metrics/{FREQUENCY}", **asked)

    heads = f"metric,service,time,value,count,partial,unit,{','.join(OF_GROUP)}"
    of_group = "medium,,2023,2026-01-05T00:00:00Z,14.0,monthly"
    assert answer.text.splitlines() == [
        heads,
        f"{FREQUENCY},shop,2026-01-05T00:00:00Z,{1 / 7},1,False,deployments a day,{of_group}",
        f"{FREQUENCY},shop,2026-01-12T00:00:00Z,0.0,0,False,deployments a day,{of_group}",
    ]
