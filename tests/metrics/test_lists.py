"""Lists: of which deployments, changes and incidents numbers are made, and what is known.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from dora.cdevents.corrections import correction
from tests.conftest import Database, Functions
from tests.metrics.conftest import FOUR_WEEKS, Report
from tests.metrics.happenings import DAY, deployed, incident, merged

ACME, OTHER = "https://example.com/acme", "https://example.com/other"
LEAD_TIME = "lead-time-for-changes"


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def test_services_are_listed_with_teams_repositories_and_environments(report: Report) -> None:
    answers = report(
        deployed("d1", 1, team="storefront", repository=ACME),
        deployed("d2", 2, environment="blue"),
        incident("detected", 3, service="cart"),
    )

    assert answers.ask("/services", **dict.fromkeys(FOUR_WEEKS))["services"] == [
        {
            "service": "cart",
            "team": None,
            "repositories": [],
            "environments": [],
            "named_at": "2026-01-05T00:03:00Z",
        },
        {
            "service": "shop",
            "team": "storefront",
            "repositories": [ACME],
            "environments": [
                {"environment": "blue", "tier": None},
                {"environment": "production", "tier": "production"},
            ],
            "named_at": "2026-01-05T00:01:00Z",
        },
    ]


def test_teams_and_environments_are_listed(report: Report) -> None:
    answers = report(
        deployed("d1", 1, team="storefront"),
        deployed("d2", 2, service="cart", team="storefront", environment="staging"),
        deployed("d3", 3, service="mail", environment="blue"),
    )

    def listed(name: str, **asked: Any) -> list[tuple[Any, ...]]:
        rows = answers.ask(f"/{name}", **dict.fromkeys(FOUR_WEEKS), **asked)[name]
        return [tuple(row.values()) for row in rows]

    assert listed("teams") == [("storefront", ["cart", "shop"])]
    assert listed("teams", service="mail") == []
    assert listed("environments") == [
        ("blue", None, ["mail"]),
        ("production", "production", ["shop"]),
        ("staging", "staging", ["cart"]),
    ]
    assert listed("environments", tier="staging") == [("staging", "staging", ["cart"])]


def test_the_catalog_renames_what_is_listed(report: Report, catalog: Path) -> None:
    catalog.write_text(
        "services: {cart: {team: checkout, aliases: [cart-api], environments: [blue]}}"
    )

    answers = report(deployed("d1", 1, service="cart-api", environment="blue", team="report"))

    [service] = answers.ask("/services", **dict.fromkeys(FOUR_WEEKS))["services"]
    assert (service["service"], service["team"]) == ("cart", "checkout")
    assert service["environments"] == [{"environment": "blue", "tier": "production"}]


@pytest.mark.parametrize("name", ["services", "teams", "environments"])
def test_what_is_known_comes_in_pages_too(report: Report, name: str) -> None:
    answers = report(
        *(
            deployed(f"d{n}", n, service=f"s{n}", team=f"t{n}", environment=f"e{n}")
            for n in range(3)
        )
    )
    asked = dict.fromkeys(FOUR_WEEKS)

    page = answers.ask(f"/{name}", **asked, limit=2)
    rest = answers.ask(f"/{name}", **asked, limit=2, cursor=page["next"])

    assert (len(page[name]), len(rest[name]), rest["next"]) == (2, 1, None)
    assert [*page[name], *rest[name]] == answers.ask(f"/{name}", **asked)[name]


def test_a_list_is_complete_in_csv(report: Report, function: Functions) -> None:
    for first in (0, 600):  # one batch has at most a thousand
        report(*(deployed(f"d{n}", n) for n in range(first, first + 600)))

    def rows(**asked: Any) -> list[dict[str, str]]:
        answer = function("metrics-endpoint").get("/deployments", **FOUR_WEEKS, **asked)
        return list(csv.DictReader(io.StringIO(answer.text)))

    complete = rows(format="csv")
    assert [row["id"] for row in complete] == [f"d{n}" for n in reversed(range(1200))]
    assert rows(format="csv", limit="7") == complete[:7]


def test_the_list_of_changes_is_what_the_lead_time_is_made_of(report: Report) -> None:
    answers = report(
        *(
            merged(f"c{n}-{name[-4:]}", n, repository=name)
            for n in range(2)
            for name in (ACME, OTHER)
        ),
        deployed("d1", 10, commit="c1-acme", repository=ACME),
        deployed("d2", 20, commit="c1-ther", repository=OTHER),
    )

    for asked in ([], [ACME], [ACME, OTHER]):
        rows = answers.ask("/changes", repository=asked)["changes"]
        assert answers.metric(LEAD_TIME, repository=asked)["count"] == len(rows) > 0
        assert {row["repository"] for row in rows} <= set(asked or [ACME, OTHER])


def test_a_repository_may_be_asked_for_by_any_of_its_addresses(report: Report) -> None:
    answers = report(
        merged("c1", 1, repository=ACME), deployed("d1", 2, commit="c1", repository=ACME)
    )

    for address in (ACME, f"{ACME}.git", "git@example.com:acme"):
        assert answers.metric(LEAD_TIME, repository=address)["count"] == 1
        assert len(answers.ask("/changes", repository=address)["changes"]) == 1


def test_in_several_environments_a_change_counts_once_where_it_was_shipped_first(
    report: Report,
) -> None:
    answers = report(
        merged("c1", 0, ("c1", 0)),
        *(deployed(f"d-{place}", 60, environment=place, commit="c1") for place in ("prod-us",)),
        deployed("d-eu", DAY, environment="prod-eu", commit="c1"),
    )

    assert [row["deployment"] for row in answers.ask("/changes")["changes"]] == ["d-prod-us"]
    assert (answers.metric(LEAD_TIME)["count"], answers.metric(LEAD_TIME)["value"]) == (1, 3600)
    alone = answers.metric(LEAD_TIME, environment="prod-eu")
    assert (alone["count"], alone["value"]) == (1, DAY * 60)
    groups = answers.groups(LEAD_TIME, group_by="environment")
    assert [(each["environment"], each["count"]) for each in groups] == [
        ("prod-eu", 1),
        ("prod-us", 1),
    ]


def test_changes_of_bots_may_stand_apart(report: Report) -> None:
    change = merged("c2", 0, ("c1", 0), ("c2", 0))
    change["customData"]["dora"]["commits"][0]["bot"] = True
    answers = report(
        merged("c0", -10), deployed("d0", -5, commit="c0"), change, deployed("d1", 60, commit="c2")
    )

    together = answers.metric(LEAD_TIME)
    apart = answers.metric(LEAD_TIME, bots="apart")
    assert (together["count"], together["bots_count"], together["bots_value"]) == (2, 0, None)
    assert (apart["count"], apart["bots_count"], apart["bots_value"]) == (1, 1, 3600)
    assert sorted(row["is_bot"] for row in answers.ask("/changes")["changes"]) == [False, True]


def test_a_correction_is_visible_where_it_was_made(report: Report) -> None:
    answers = report(
        deployed("d1", 1),
        incident("detected", 2),
        correction(
            {"deployment": {"id": "d1", "source": "/tests"}, "failed": False}
            | {"by": "ann", "because": "it was a test"}
        ).data,
        correction(
            {"incident": {"id": "1", "source": "/tests"}, "counts": False}
            | {"by": "bob", "because": "the pager was tested"}
        ).data,
    )

    [shown] = answers.ask("/deployments")["deployments"]
    assert (shown["is_failed"], shown["correction"]["failed"]) == (False, False)
    assert (shown["correction"]["by"], shown["correction"]["because"]) == ("ann", "it was a test")
    [shown] = answers.ask("/incidents")["incidents"]
    assert (shown["counts"], shown["correction"]["by"]) == (False, "bob")
