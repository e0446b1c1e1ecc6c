"""Generated histories of CDEvents, small and nasty, with a catalog and a question to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.metrics import chance
from tests.metrics.chance import Strategy
from tests.metrics.generated_events import (
    ENVIRONMENTS,
    MONO,
    OLD,
    SHOP,
    corrections,
    deployments,
    images,
    incidents,
    merges,
    minutes,
    one_in,
    pushes,
    removals,
    revisions,
)
from tests.metrics.generated_sequences import lines, nights, outages, rollouts, tags, words
from tests.metrics.happenings import DAY, Event, time_of

__all__ = ["ENVIRONMENTS", "Case", "cases", "catalogs", "histories", "questions"]


def catalogs() -> Strategy:
    """What a catalog may say: aliases, repositories, teams, environments and tiers."""
    aliases = chance.lists(
        chance.sampled_from(
            [
                "shop-api",
                "P1",
                {"name": "P1", "tool": "pagerduty", "environment": "staging"},
                {"name": "P1", "tool": "pagerduty"},
                {"name": "shop-api", "environment": "blue"},
                {"name": "shop", "tool": "/workflow", "environment": "production"},
            ]
        ),
        min_size=1,
        max_size=3,
        unique_by=str,
    )
    own_repositories = chance.lists(
        chance.sampled_from(
            [
                SHOP,
                OLD,
                {"url": MONO, "paths": ["shop/"]},
                *[{"url": SHOP, "paths": ["*.proto", "*.py", "!cart/*"]}] * 3,
            ]
        ),
        min_size=1,
        max_size=2,
        unique_by=lambda told: "mono" in str(told),
    )
    shop = chance.fixed_dictionaries(
        {},
        optional={
            "aliases": aliases,
            "repositories": own_repositories,
            "team": chance.just("storefront"),
            "environments": chance.lists(
                chance.sampled_from(["blue", "production"]), min_size=1, max_size=1
            ),
        },
    )
    cart = chance.fixed_dictionaries(
        {"team": chance.just("storefront"), "aliases": chance.just(["P2"])},
        optional={"repositories": chance.just([MONO])},
    )
    return chance.fixed_dictionaries(
        {},
        optional={
            "services": chance.fixed_dictionaries({"shop": shop}, optional={"cart": cart}),
            "environments": chance.just({"prod-eu": "production"}),
            "tiers": chance.sampled_from([{"blue": "production"}, {"staging": "production"}]),
            "default_environment": chance.sampled_from(["staging", "prod-eu"]),
        },
    )


SINGLE = [deployments, revisions, pushes, merges, images, incidents, corrections, removals]
# What a history is about: sequences in which something meets, and single events that disturb them.
THEMES = [
    ([rollouts, rollouts], [deployments, revisions, revisions, removals]),
    ([lines, rollouts], [deployments, deployments, pushes, pushes, merges]),
    ([lines, rollouts], [deployments, pushes, merges, images, images]),
    ([lines, tags], [deployments, images]),
    ([rollouts, outages], [deployments, revisions, incidents]),
    ([nights], [incidents, deployments, revisions]),
    ([nights, lines], [deployments, revisions, removals]),
    ([rollouts, lines, words], [deployments, pushes, corrections]),
    ([rollouts, outages, words], [deployments, incidents, corrections]),
    ([rollouts, lines, outages], SINGLE),
]


def histories() -> Strategy:
    """Events of a few services, in no particular order."""
    return chance.sampled_from(THEMES).flatmap(_of_theme)


def _of_theme(theme: tuple[list[Any], list[Any]]) -> Strategy:
    sequences, kinds = theme
    single = chance.sampled_from(kinds).flatmap(lambda kind: kind())
    disturbing = chance.lists(single, max_size=24)
    return chance.builds(
        lambda *drawn: [event for each in drawn for event in each],
        *(sequence() for sequence in sequences),
        disturbing,
    ).flatmap(chance.permutations)


def questions() -> Strategy:
    """What may be asked: a span between two moments, of all or of some."""
    some = chance.lists(minutes, min_size=2, max_size=2, unique_by=float).map(sorted)
    ends = some | chance.just([-DAY, 28 * DAY])
    # Seldom each, for two of them together leave little.
    filters = chance.fixed_dictionaries(
        {
            "service": one_in(3, chance.sampled_from(["shop", "cart", "cart", "nobody"])),
            "tier": one_in(
                5,
                chance.lists(
                    chance.sampled_from(["production", "staging", "testing", "development"]),
                    min_size=1,
                    max_size=4,
                    unique_by=str,
                ),
            ),
            "environment": one_in(6, chance.sampled_from(["production", "staging", "blue"])),
            "team": one_in(6, chance.sampled_from(["storefront", "demo-checkout"])),
            "repository": one_in(6, chance.sampled_from([SHOP, OLD, MONO])),
            "timezone": one_in(2, chance.sampled_from(["Europe/Berlin", "America/Los_Angeles"])),
        }
    ).map(lambda drawn: {name: value for name, value in drawn.items() if value is not None})
    return chance.builds(
        lambda both, own: {"from": time_of(both[0]), "to": time_of(both[1]), **own}, ends, filters
    )


@dataclass(frozen=True)
class Case:
    """A history, the catalog at its end, and what is asked then."""

    events: list[Event]
    catalog: dict[str, Any]
    asked: dict[str, Any]


def cases() -> Strategy:
    """A history with a catalog and a question."""
    return chance.builds(Case, histories(), catalogs(), questions())
