"""Which service and environment an event means: docs/metrics.md, rules 1 to 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.metrics.conftest import TICK

CATALOG = """
services:
  shop:
    aliases:
      - shop-api
      - {name: P1, tool: pagerduty}
      - {name: P1, tool: pagerduty, environment: live}
      - {name: P2, environment: qa}
      - {name: web, tool: "https://ci.example.com/shop"}
      - {name: cart-api, environment: blue}
  cart:
    aliases: [cart-api, shop, {name: P2, tool: pagerduty}, {name: PX, tool: argo-cd}]
environments: {prod-us: production, production: prod-eu, live: production}
default_environment: live
"""
PAGER, CI = "https://acme.pagerduty.com/x", "https://ci.example.com/shop/7"


@pytest.fixture
def resolve(database: Database, function: Functions, catalog: Path) -> Any:
    catalog.write_text(CATALOG)
    assert function("deployment-frequency").post(TICK).status_code == 204

    def ask(
        name: str | None,
        source: str = "/x",
        environment: str | None = "staging",
        names: list[str] | None = None,
        *,
        assumed: bool = False,
    ) -> tuple[Any, ...]:
        [found] = database.rows(
            "select service_id, environment_id, is_assumed"
            " from resolved_names(:name, cast(:names as text[]), :source, :environment, :assumed)",
            name=name,
            names=names,
            source=source,
            environment=environment,
            assumed=assumed,
        )
        return tuple(found)

    return ask


def test_a_name_that_the_catalog_does_not_know_is_a_service(resolve: Any) -> None:
    assert resolve("mail") == ("mail", "staging", False)


def test_an_alias_is_the_service(resolve: Any) -> None:
    assert resolve("shop-api") == ("shop", "staging", False)


def test_an_alias_is_not_followed_twice(resolve: Any) -> None:
    assert resolve("shop") == ("cart", "staging", False)


def test_an_alias_of_a_tool_holds_for_a_word_of_the_source_or_its_beginning(resolve: Any) -> None:
    assert resolve("P1", PAGER)[0] == "shop"
    assert resolve("P1", "https://acme.PagerDuty.com")[0] == "shop"
    assert resolve("P1", "https://acme.pagerdutyish.com")[0] == "P1"
    assert resolve("web", CI)[0] == "shop"
    assert resolve("web", "https://ci.example.com/mail/7")[0] == "web"
    assert resolve("PX", "https://argo-cd.example.com")[0] == "cart"
    assert resolve("PX", "https://argo.example.com/cd-x")[0] == "PX"


def test_an_alias_of_an_environment_holds_there_and_goes_before_one_of_all(resolve: Any) -> None:
    assert resolve("cart-api", environment="blue") == ("shop", "blue", False)
    assert resolve("cart-api", environment="green") == ("cart", "green", False)


def test_of_several_that_fit_the_one_with_the_tool_goes_before_the_one_with_the_environment(
    resolve: Any,
) -> None:
    assert resolve("P2", PAGER, "qa")[0] == "cart"
    assert resolve("P2", "/x", "qa")[0] == "shop"
    assert resolve("P2", "/x", "staging")[0] == "P2"


@pytest.mark.parametrize(("environment", "assumed"), [(None, False), ("", False), ("any", True)])
def test_what_tells_no_environment_has_that_of_the_alias(
    resolve: Any, environment: str | None, *, assumed: bool
) -> None:
    assert resolve("P1", PAGER, environment, assumed=assumed) == ("shop", "production", False)


@pytest.mark.parametrize(("environment", "assumed"), [(None, False), ("any", True)])
def test_what_tells_no_environment_has_the_default(
    resolve: Any, environment: str | None, *, assumed: bool
) -> None:
    assert resolve("mail", PAGER, environment, assumed=assumed) == ("mail", "production", True)


def test_names_of_environments_are_not_followed_twice(resolve: Any) -> None:
    assert resolve("mail", environment="prod-us")[1] == "production"
    assert resolve("mail", environment="production")[1] == "prod-eu"


def test_the_first_of_several_names_that_the_catalog_knows_decides(resolve: Any) -> None:
    assert resolve("Web shop", PAGER, None, ["P0", "P1", "P2"])[0] == "shop"
    assert resolve("Web shop", PAGER, None, ["P0", "P2", "P1"])[0] == "cart"
    assert resolve("Web shop", PAGER, None, ["P0"])[0] == "Web shop"
    assert resolve(None, PAGER, None, ["P0", "P1"])[0] == "shop"
    assert resolve(None, PAGER, None, ["P0"]) == (None, "production", True)


def test_without_a_catalog_the_default_is_production(database: Database) -> None:
    [found] = database.rows(
        "select service_id, environment_id, is_assumed"
        " from resolved_names('mail', null, '/x', null, false)"
    )

    assert found == ["mail", "production", True]
