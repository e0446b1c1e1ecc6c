"""catalog.yaml becomes rows, or a sentence that says what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from dora.catalog import entries
from dora.catalog.entries import CatalogError, Rows

EVERYTHING = """
services:
  shop:
    team: storefront
    aliases: [shop-api, {name: PABC123, tool: pagerduty, environment: live}]
    repositories: [https://github.com/acme/shop, {url: https://github.com/acme/mono, paths: [shop/]}]
    environments: [blue, prod-us]
  cart:
environments: {prod-us: production}
tiers: {sandbox: production}
default_environment: prod-us
"""


def rows(text: str) -> Rows:
    return entries.rows(entries.read("catalog.yaml", text))


def test_every_part_becomes_rows() -> None:
    live = {"name": "PABC123", "tool": "pagerduty", "environment": "live", "service_id": "shop"}
    any_tool = {"name": "shop-api", "tool": "", "environment": "", "service_id": "shop"}
    shop, mono = "https://github.com/acme/shop", "https://github.com/acme/mono"
    assert rows(EVERYTHING) == {
        "services": [
            {"service_id": "shop", "team": "storefront"},
            {"service_id": "cart", "team": None},
        ],
        "aliases": [any_tool, live],
        "repositories": [
            {"repository_url": shop, "paths": None, "service_id": "shop"},
            {"repository_url": mono, "paths": ["shop/"], "service_id": "shop"},
        ],
        "production": [
            {"service_id": "shop", "environment_id": "blue"},
            {"service_id": "shop", "environment_id": "production"},
        ],
        "environments": [
            {"environment_name": "", "environment_id": "production"},
            {"environment_name": "prod-us", "environment_id": "production"},
        ],
        "tiers": [{"environment_id": "sandbox", "tier": "production"}],
    }


@pytest.mark.parametrize("text", ["", "{}", "# nothing\n", "services:\n", "services: {}\ntiers:\n"])
def test_every_part_is_optional(text: str) -> None:
    assert rows(text) == rows("services: {}")
    assert rows(text)["environments"] == [{"environment_name": "", "environment_id": "production"}]


def test_what_yaml_takes_for_a_number_is_a_name() -> None:
    assert rows("services: {41: {team: 7}}")["services"] == [{"service_id": "41", "team": "7"}]


WRONG = [
    ("- shop", "expected a mapping as catalog.yaml, got ['shop']"),
    ("a: [", "expected catalog.yaml to be YAML, got none, line 1"),
    ("service: {}", "expected services environments tiers default_environment in catalog.yaml, got 'service'"),
    ("services: [shop]", "expected a mapping as services of catalog.yaml, got ['shop']"),
    (
        "services: {shop: {environments: blue}}",
        "expected a list as environments of shop in services of catalog.yaml, got 'blue'",
    ),
    (
        "services: {shop: {teams: a}}",
        "expected team aliases repositories environments in shop in services of catalog.yaml, got 'teams'",
    ),
    (
        "services: {shop: {aliases: [{tool: x}]}}",
        "expected text as name in aliases of shop in services of catalog.yaml, got None",
    ),
    (
        "services: {shop: {team: [a]}}",
        "expected text as team of shop in services of catalog.yaml, got ['a']",
    ),
    ("services: {on: {}}", "expected text as a name in services of catalog.yaml, got True"),
    (
        "services: {shop: {aliases: [api]}, cart: {aliases: [api]}}",
        "expected 'api' to be an alias of one service, got 'shop' and 'cart'",
    ),
    (
        "tiers: {blue: prod}",
        "expected production, staging, testing, development as blue in tiers of catalog.yaml, got 'prod'",
    ),
    ("services: {}\n---\nservices: {}", "expected one document in catalog.yaml, got 2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_what_is_no_catalog_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(CatalogError) as refused:
        rows(text)

    assert str(refused.value) == sentence


def test_of_two_sources_the_first_says_what_both_say_of_a_part() -> None:
    first = entries.read("catalog.yaml", "services: {shop: {team: a}}\ntiers: {x: testing}")
    second: dict[str, Any] = {
        "services": {"shop": {"team": "b", "repositories": ["r"]}, "cart": {"team": "c"}}
    }

    assert entries.merged(first, second) == {
        "services": {"shop": {"team": "a", "repositories": ["r"]}, "cart": {"team": "c"}},
        "tiers": {"x": "testing"},
    }
