"""The catalog is loaded by whoever follows the log first after a change: all of it or nothing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from dora import database as dora_database
from tests.conftest import Database, Functions
from tests.events import carried, cdevent
from tests.metrics.conftest import TICK

TEAMS = "select service_id, team from catalog_services order by 1"
STATE = "select version, problem from catalog_state"
ENTITY = "kind: Component\nmetadata: {name: cart}\nspec: {owner: checkout}\n"


def tick(function: Functions, metric: str = "deployment-frequency") -> None:
    answer = function(metric).post(TICK)
    assert answer.status_code == 204, answer.text


def test_a_tick_loads_it(database: Database, function: Functions, catalog: Path) -> None:
    catalog.write_text("services: {shop: {team: storefront}}")

    tick(function)

    assert database.rows(TEAMS) == [["shop", "storefront"]]
    assert database.rows(STATE) == [[1, None]]


def test_an_event_loads_it(database: Database, function: Functions, catalog: Path) -> None:
    catalog.write_text("services: {shop: {team: storefront}}")
    recorded = function("cdevents-endpoint").post(carried(cdevent()))

    function("change-failure-rate").post(
        recorded.data.decode(), content_type="application/cloudevents+json"
    )

    assert database.rows(TEAMS) == [["shop", "storefront"]]


def test_only_another_one_is_loaded_again(
    database: Database, function: Functions, catalog: Path
) -> None:
    versions: list[Any] = []
    for text in (
        "services: {shop: {team: a}}",
        "# the same\nservices:\n  shop:\n    team: a\n",
        "services: {shop: {team: b}}",
        "services: {shop: {team: a}}",
    ):
        catalog.write_text(text)
        tick(function)
        tick(function, "lead-time-for-changes")
        versions += database.rows(STATE)[0][:1]

    assert versions == [1, 1, 2, 3]
    assert database.rows(TEAMS) == [["shop", "a"]]


def test_what_is_no_longer_said_is_gone(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text(
        "services: {shop: {team: a, aliases: [x], repositories: [r], environments: [e]}}\n"
        "environments: {us: production}\ntiers: {blue: testing}\ndefault_environment: live\n"
    )
    tick(function)
    counts = (
        "select (select count(*) from {}), (select count(*) from {}), (select count(*) from {})"
    )
    tables = ("catalog_services", "catalog_aliases", "catalog_repositories")
    others = ("catalog_production", "catalog_tiers", "catalog_environments")
    assert database.rows(counts.format(*tables) + ", " + counts.format(*others)[7:]) == [
        [1, 1, 1, 1, 1, 2]
    ]

    catalog.write_text("services: {}")
    tick(function)

    assert database.rows(counts.format(*tables) + ", " + counts.format(*others)[7:]) == [
        [0, 0, 0, 0, 0, 1]
    ]


def test_entities_beside_it_are_read_and_it_goes_before_them(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {team: storefront}}")
    (catalog.parent / "catalog-info.yaml").write_text(ENTITY)
    (catalog.parent / "other.yml").write_text(ENTITY.replace("cart", "shop"))
    (catalog.parent / "notes.txt").write_text("no YAML: [")

    tick(function)

    assert database.rows(TEAMS) == [["cart", "checkout"], ["shop", "storefront"]]


def test_another_catalog_beside_it_says_more_and_it_goes_before_that(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {team: storefront}}\nenvironments: {a: b}")
    (catalog.parent / "more.yaml").write_text(
        "services: {cart: {team: checkout}, shop: {team: other}}\nenvironments: {a: c, d: e}"
    )

    tick(function)

    assert database.rows(TEAMS) == [["cart", "checkout"], ["shop", "storefront"]]
    assert database.rows(
        "select environment_name, environment_id from catalog_environments"
        " where environment_name <> '' order by 1"
    ) == [["a", "b"], ["d", "e"]]


def test_an_entity_that_changes_is_loaded(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("services: {}")
    entities = catalog.parent / "catalog-info.yaml"
    for text in (ENTITY, ENTITY.replace("checkout", "payments"), None):
        entities.write_text(text) if text else entities.unlink()
        tick(function)

    assert database.rows("select version from catalog_state") == [[3]]
    assert database.rows(TEAMS) == []


@pytest.mark.parametrize("broken", ["- shop", "services: [", "tiers: {blue: prod}"])
def test_one_that_cannot_be_read_leaves_what_is_there_and_says_why(
    database: Database, function: Functions, catalog: Path, broken: str
) -> None:
    catalog.write_text("services: {shop: {team: a}}")
    tick(function)

    catalog.write_text(broken)
    tick(function)

    assert database.rows(TEAMS) == [["shop", "a"]]
    [[version, problem]] = database.rows(STATE)
    assert version == 1
    assert problem.startswith("the catalog stays as it was: expected ")

    catalog.write_text("services: {shop: {team: a}}")
    tick(function)

    assert database.rows(STATE) == [[1, None]]


def test_a_broken_entity_leaves_all_of_it_as_it_was(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {team: a}}")
    (catalog.parent / "catalog-info.yaml").write_text("kind: Component")

    tick(function)

    assert database.rows(TEAMS) == []
    [[problem]] = database.rows("select problem from catalog_state")
    assert problem.endswith("metadata.name of a Component in catalog-info.yaml, got None")


def test_a_function_without_the_file_leaves_what_is_there(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {team: a}}")
    tick(function)

    catalog.unlink()
    dora_database.close()
    tick(function)

    assert database.rows(TEAMS) == [["shop", "a"]]


def test_two_who_find_it_at_once_load_it_once(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {team: a, repositories: [r]}}")
    failed: list[Exception] = []

    def tick_beside() -> None:
        try:
            tick(function)
        except Exception as error:  # noqa: BLE001 - of a thread nobody sees it otherwise
            failed.append(error)
        finally:
            dora_database.close()

    threads = [threading.Thread(target=tick_beside) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert database.rows(STATE) == [[1, None]]
    assert database.rows(TEAMS) == [["shop", "a"]]


def test_a_repository_is_kept_in_one_form_and_all_of_it_goes_before_a_part(
    database: Database, function: Functions, catalog: Path
) -> None:
    catalog.write_text(
        "services: {shop: {repositories: [git@GitHub.com:acme/shop.git, "
        "{url: https://github.com/acme/shop/, paths: [a/]}, "
        "{url: https://x.io/m, paths: [b/]}, {url: https://x.io/m.git, paths: [a/, b/]}]}}"
    )

    tick(function)

    assert database.rows("select repository_url, paths from catalog_repositories order by 1") == [
        ["https://github.com/acme/shop", None],
        ["https://x.io/m", ["b/", "a/", "b/"]],
    ]


def test_who_only_reads_changes_nothing(database: Database) -> None:
    reader = database.server.connect(database.name, "dora_reader")
    for statement in ("select fill_catalog()", "update catalog_state set problem = 'x'"):
        with pytest.raises(Exception, match="permission denied"):
            reader.run(statement)
    reader.close()
