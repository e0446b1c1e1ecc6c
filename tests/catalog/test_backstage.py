"""Components of Backstage's catalog-info.yaml are services."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from dora.catalog import backstage
from dora.catalog.entries import CatalogError


def component(**annotations: str) -> dict[str, Any]:
    names = {
        "github": "github.com/project-slug",
        "gitlab": "gitlab.com/project-slug",
        "instance": "gitlab.com/instance",
        "location": "backstage.io/source-location",
        "pagerduty": "pagerduty.com/service-id",
    }
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": "shop",
            "annotations": {names[name]: value for name, value in annotations.items()},
        },
        "spec": {"type": "service", "lifecycle": "production", "owner": "group:default/storefront"},
    }


def services(*entities: Any) -> dict[str, Any]:
    found: dict[str, Any] = backstage.read("entities.yaml", yaml.safe_dump_all(entities))
    return dict(found["services"])


@pytest.mark.parametrize(
    "owner", ["storefront", "group:storefront", "default/storefront", "group:default/storefront"]
)
def test_the_owner_is_the_team(owner: str) -> None:
    entity = component() | {"spec": {"owner": owner}}

    assert services(entity) == {"shop": {"team": "storefront"}}


REPOSITORIES: list[tuple[dict[str, str], list[str]]] = [
    ({"github": "acme/shop"}, ["https://github.com/acme/shop"]),
    ({"gitlab": "acme/shop"}, ["https://gitlab.com/acme/shop"]),
    ({"gitlab": "acme/shop", "instance": "git.example.com"}, ["https://git.example.com/acme/shop"]),
    ({"location": "url:https://github.com/acme/shop"}, ["https://github.com/acme/shop"]),
    ({"location": "url:https://github.com/acme/mono/tree/main/shop/"}, ["https://github.com/acme/mono"]),
    ({"location": "url:https://git.example.com/a/mono/-/tree/main/shop"}, ["https://git.example.com/a/mono"]),
    ({"location": "dir:./shop"}, []),
    ({"github": "acme/shop", "location": "url:https://github.com/acme/shop/"}, ["https://github.com/acme/shop"]),
]  # fmt: skip


@pytest.mark.parametrize(("annotations", "expected"), REPOSITORIES)
def test_annotations_say_the_repository(annotations: dict[str, str], expected: list[str]) -> None:
    found = services(component(**annotations))["shop"].get("repositories", [])

    assert found == [{"repository_url": url, "paths": None} for url in expected]


def test_an_annotation_says_what_pagerduty_calls_it() -> None:
    [alias] = services(component(pagerduty="PABC123"))["shop"]["aliases"]

    assert alias == {"name": "PABC123", "tool": "pagerduty", "environment": ""}


def test_several_documents_are_several_entities_and_other_kinds_are_passed_over() -> None:
    cart = {"kind": "Component", "metadata": {"name": "cart"}, "spec": {"owner": "checkout"}}
    other = {"kind": "System", "metadata": {"name": "store"}, "spec": {"owner": "x"}}

    found = services(other, component(), None, "text", cart, {"kind": "Location"})

    assert found == {"shop": {"team": "storefront"}, "cart": {"team": "checkout"}}


@pytest.mark.parametrize(
    ("entity", "sentence"),
    [
        (
            {"kind": "Component"},
            "expected text as metadata.name of a Component in entities.yaml, got None",
        ),
        (
            {"kind": "Component", "metadata": ["shop"]},
            "expected a mapping as metadata of a Component, got ['shop']",
        ),
        (
            {"kind": "Component", "metadata": {"name": "shop"}, "spec": {"owner": {"a": "b"}}},
            "expected text as spec.owner in entities.yaml, got {'a': 'b'}",
        ),
    ],
)
def test_a_broken_component_is_refused_in_a_sentence(entity: Any, sentence: str) -> None:
    with pytest.raises(CatalogError) as refused:
        services(entity)

    assert str(refused.value) == sentence
