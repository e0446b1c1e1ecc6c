"""Generated histories of CDEvents, small and nasty, with a catalog and a question to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.metrics.generated_events import (
    ENVIRONMENTS,
    MONO,
    OLD,
    SHOP,
    Strategy,
    corrections,
    deployments,
    images,
    incidents,
    merges,
    minutes,
    pushes,
    removals,
    revisions,
)
from tests.metrics.generated_sequences import lines, outages, rollouts, words
from tests.metrics.happenings import DAY, Event, time_of

__all__ = ["ENVIRONMENTS", "Case", "cases", "catalogs", "histories", "questions"]


def catalogs() -> Strategy:
    """What a catalog may say: aliases, repositories, teams, environments and tiers."""
    aliases = st.lists(
        st.sampled_from(
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
    own_repositories = st.lists(
        st.sampled_from(
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
    shop = st.fixed_dictionaries(
        {},
        optional={
            "aliases": aliases,
            "repositories": own_repositories,
            "team": st.just("storefront"),
            "environments": st.lists(
                st.sampled_from(["blue", "production"]), min_size=1, max_size=1
            ),
        },
    )
    cart = st.fixed_dictionaries(
        {}, optional={"team": st.just("storefront"), "repositories": st.just([MONO])}
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "services": st.fixed_dictionaries({"shop": shop}, optional={"cart": cart}),
            "environments": st.just({"prod-eu": "production"}),
            "tiers": st.sampled_from([{"blue": "production"}, {"staging": "production"}]),
            "default_environment": st.sampled_from(["staging", "prod-eu"]),
        },
    )


SINGLE = [deployments, revisions, pushes, merges, images, incidents, corrections, removals]
# What a history is about: sequences in which something meets, and single events that disturb them.
THEMES = [
    ([rollouts, rollouts], [deployments, revisions, revisions, removals]),
    ([lines, rollouts], [deployments, deployments, pushes, pushes, merges]),
    ([lines, rollouts], [deployments, pushes, merges, images, images]),
    ([rollouts, outages], [deployments, revisions, incidents]),
    ([rollouts, outages, words], [deployments, incidents, corrections]),
    ([rollouts, lines, outages], SINGLE),
]
# Hypothesis prefers short lists, in which nothing meets anything.
SIZES = [0, 8, 16]


def histories() -> Strategy:
    """Events of a few services, in no particular order."""
    return st.sampled_from(THEMES).flatmap(_of_theme)


def _of_theme(theme: tuple[list[Any], list[Any]]) -> Strategy:
    sequences, kinds = theme
    single = st.sampled_from(kinds).flatmap(lambda kind: kind())
    disturbing = st.sampled_from(SIZES).flatmap(
        lambda size: st.lists(single, min_size=size, max_size=size + 8)
    )
    return st.builds(
        lambda together, alone: [*(event for each in together for event in each), *alone],
        st.tuples(*(sequence() for sequence in sequences)),
        disturbing,
    ).flatmap(st.permutations)


def questions() -> Strategy:
    """What may be asked: a span between two moments, of all or of some."""
    some = st.lists(minutes, min_size=2, max_size=2, unique=True).map(sorted)
    ends = some | st.just([-DAY, 28 * DAY])
    filters = st.fixed_dictionaries(
        {},
        optional={
            "service": st.sampled_from(["shop", "cart", "nobody"]),
            "tier": st.lists(
                st.sampled_from(["production", "staging", "testing", "development"]),
                min_size=1,
                unique=True,
            ),
            "environment": st.sampled_from(["production", "staging", "blue"]),
            "team": st.sampled_from(["storefront", "demo-checkout"]),
            "repository": st.sampled_from([SHOP, OLD, MONO]),
            "timezone": st.sampled_from(["Europe/Berlin", "America/Los_Angeles"]),
        },
    )
    return st.builds(
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
    return st.builds(Case, histories(), catalogs(), questions())
