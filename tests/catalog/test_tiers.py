"""Of which tier an environment is: docs/metrics.md, rule 4."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Database, Functions
from tests.events import carried, cdevent
from tests.metrics.conftest import TICK

BY_NAME = {
    "production": "Production PRODUCTION prod Prod prd live prod2 prod-us eu-prod production/eu "
    "eu-live01 live-eu shop.prod.eu production_1 default DEFAULT",
    "staging": "stag staging Staging preprod uat preproduction nonprod pre-prod non-prod non_production "
    "pre-live pre.prd staging-2 Staging/EU uat1 eu-pre-production",
    "development": "dev development review preview feature sandbox dev2 Preview review/main "
    "feature-x-prod dev-staging",
    "testing": "test testing qa Test qa-1 dev-test prod-test test-prod testing/live qa2",
    None: "blue product-search products main github-pages us-east-1 pre non pre-eu 2prod prodx production1x "
    "stage default-eu my-default 42",
}
BY_NAME_TOO = [(tier, names.split(" ")) for tier, names in BY_NAME.items()]
BY_NAME_TOO += [
    ("production", ["production \N{EN DASH} web", "Production (EU)"]),
    (None, ["", " "]),
]
TOLD = Path(__file__).parents[1] / "data" / "tools" / "environment-names.json"


def tiers_of(database: Database, names: list[str]) -> list[str | None]:
    sql = "select environment_tier(name) from unnest(cast(:names as text[])) as name"
    return [tier for [tier] in database.rows(sql, names=names)]


@pytest.mark.parametrize(("tier", "names"), BY_NAME_TOO)
def test_a_name_says_the_tier_by_its_words(
    database: Database, tier: str | None, names: list[str]
) -> None:
    assert dict(zip(names, tiers_of(database, names), strict=True)) == dict.fromkeys(names, tier)


def test_of_fourteen_names_of_which_nothing_else_is_told_eight_are_production(
    database: Database,
) -> None:
    story = json.loads(TOLD.read_text())
    names = [event["data"]["deployment"]["environment"] for event in story["cloudevents"]]

    assert len(names) == 14
    assert (
        tiers_of(database, names).count("production")
        == (story["expect"]["deployment-frequency"]["count"])
    )


def record(function: Functions, number: int, environment: str, tier: str | None) -> None:
    event = cdevent(
        id=f"d{number}",
        time=f"2026-01-05T12:{number:02}:00Z",
        content={"environment": {"id": environment}, "artifactId": "pkg:oci/shop?tag=1"},
        custom={"tier": tier} if tier else {},
    )
    assert function("cdevents-endpoint").post(carried(event)).status_code == 200


def tier_of(database: Database, environment: str, service: str = "shop") -> str | None:
    sql = "select service_environment_tier(:service, :environment)"
    [[tier]] = database.rows(sql, service=service, environment=environment)
    return str(tier) if tier else None


def test_a_tool_goes_before_the_name_and_what_it_says_last_holds(
    database: Database, function: Functions
) -> None:
    record(function, 2, "prod-eu", "staging")
    record(function, 1, "prod-eu", "testing")
    record(function, 3, "prod-eu", "other")
    record(function, 4, "prod-eu", None)

    assert tier_of(database, "prod-eu") == "staging"


def test_what_a_tool_says_of_a_name_holds_for_the_environment_that_the_catalog_makes_of_it(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("environments: {blue: violet, red: violet, violet: green}")
    function("deployment-frequency").post(TICK)
    record(function, 1, "blue", "production")
    record(function, 2, "red", "staging")
    record(function, 3, "violet", "testing")

    assert tier_of(database, "violet") == "staging"
    assert tier_of(database, "green") == "testing"


def test_the_catalog_goes_before_all(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text(
        "services: {shop: {environments: [blue]}}\ntiers: {blue: staging, test: production}"
    )
    function("deployment-frequency").post(TICK)
    record(function, 1, "test", "testing")

    assert tier_of(database, "test") == "production"
    assert tier_of(database, "blue") == "staging"


def test_a_service_that_says_its_production_has_no_other(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {environments: [blue]}}\ntiers: {live: production}")
    function("deployment-frequency").post(TICK)

    assert [tier_of(database, name) for name in ("blue", "prod", "qa", "live")] == [
        "production",
        None,
        "testing",
        "production",
    ]
    assert [tier_of(database, name, "cart") for name in ("blue", "prod")] == [None, "production"]
