"""Rules 1 to 4: the catalog, services and their teams, environments and their tiers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from tests.metrics.reference.events import Event, Json

TIERS = ("production", "staging", "testing", "development")
PRODUCTION = {"prod", "production", "prd", "live"}
WORDS = {
    "testing": {"test", "testing", "qa"},
    "development": {"dev", "development", "review", "preview", "feature", "sandbox"},
    "staging": {"stag", "staging", "preprod", "uat", "preproduction", "nonprod"},
    "production": PRODUCTION,
}


@dataclass(frozen=True)
class Alias:
    service: str
    name: str
    tool: str | None
    environment: str | None

    def fits(self, source: str, environment: str | None) -> bool:
        """Whether it holds for the events of a source and environment (1); None is an assumed one."""
        words = re.split("[^a-z0-9]+", source.lower())
        of_tool = self.tool is None or source.startswith(self.tool) or self.tool.lower() in words
        return of_tool and (environment is None or self.environment in (None, environment))

    @property
    def rank(self) -> tuple[Any, ...]:
        """With tool and environment, with the tool, with the environment, by name (1)."""
        return (self.tool is None, self.environment is None, self.service, self.environment or "")


class Place(NamedTuple):
    """Where an event is of: names after the catalog, but `name`, the environment as in the event."""

    service: str | None
    name: str
    environment: str
    is_assumed: bool


class Names:
    """What names mean, by a catalog and the events."""

    def __init__(self, catalog: Json, events: list[Event], as_told: list[Event]) -> None:
        self.services: Json = catalog.get("services") or {}
        self.environments: Json = catalog.get("environments") or {}
        self.tiers: Json = catalog.get("tiers") or {}
        self.default_environment = catalog.get("default_environment", "production")
        self.aliases = sorted(
            (
                _alias(service, told)
                for service, known in self.services.items()
                for told in (known or {}).get("aliases") or []
            ),
            key=lambda alias: alias.rank,
        )
        self.events = events
        self.places = {event: self._place(event) for event in events}
        # A corrected event still names what it said, and a team for that (18).
        self.named = [(self._place(event).service, event) for event in as_told]
        # A removal names only the service that it names itself.
        corrected = [event for event in events if not event.is_removal]
        self.corrected = [(self.places[event].service, event) for event in corrected]

    def _place(self, event: Event) -> Place:
        """Rules 1, 2 and 3."""
        told = self._own_environment(event)
        own = (
            event.subject if event.is_of_service else (event.content.get("service") or {}).get("id")
        )
        alias = self._alias(event, told, own)
        service = alias.service if alias else own
        known: str | None = told or (alias.environment if alias else None)
        is_assumed = known is None
        default = self.default_environment
        name = known or str(self.environments.get(default, default))
        return Place(service, name, self.environments.get(name, name), is_assumed)

    def _own_environment(self, event: Event) -> str | None:
        """What an event says itself, where that is not only assumed."""
        told: str | None = (event.content.get("environment") or {}).get("id")
        return None if event.custom.get("assumedEnvironment") is True else told

    def _alias(self, event: Event, environment: str | None, own: str | None) -> Alias | None:
        for name in event.custom.get("serviceNames") or [own]:
            for alias in self.aliases:
                if alias.name == name and alias.fits(event.source, environment):
                    return alias
        return None

    def of_catalog(self, service: str | None) -> Json:
        """What the catalog says of a service."""
        return self.services.get(service) or {} if service else {}

    @property
    def known_services(self) -> list[str]:
        """All services that an event or the catalog names."""
        named = {*self.services, *(service for service, _ in [*self.named, *self.corrected])}
        return sorted(service for service in named if service)

    def named_at(self, services: list[str]) -> datetime | None:
        """When an event first named one of these services (20)."""
        named = [*self.named, *self.corrected]
        return min((event.time for service, event in named if service in services), default=None)

    def team(self, service: str) -> str | None:
        """Rule 2: the catalog's, else that of the latest event that has one."""
        told = [
            event.custom["team"]
            for named, event in self.named
            if named == service and event.custom.get("team")
        ]
        team: str | None = self.of_catalog(service).get("team") or (told[-1] if told else None)
        return team

    def tier(self, service: str, environment: str) -> str | None:
        """Rule 4; None is unknown."""
        if environment in self.tiers:
            return str(self.tiers[environment])
        own = self.of_catalog(service).get("environments")
        if own and environment in own:
            return "production"
        tier = self._told_tier(environment) or tier_by_name(environment)
        return None if own and tier == "production" else tier

    def _told_tier(self, environment: str) -> str | None:
        told = [
            event.custom["tier"]
            for event in self.events
            if self.places[event].environment == environment
            and self._own_environment(event)
            and event.custom.get("tier") in TIERS
        ]
        return told[-1] if told else None


def tier_by_name(environment: str) -> str | None:
    """The table of rule 4."""
    name = environment.lower()
    words = [word.rstrip("0123456789") for word in re.split("[^a-z0-9]+", name)]
    words = [word for word in words if word]
    before_production = any(
        first in ("pre", "non") and second in PRODUCTION for first, second in pairwise(words)
    )
    for tier in ("testing", "development", "staging", "production"):
        if WORDS[tier] & set(words) or (tier == "staging" and before_production):
            return tier
    return "production" if name == "default" else None


def _alias(service: str, told: str | Json) -> Alias:
    if isinstance(told, str):
        return Alias(service, told, None, None)
    return Alias(service, told["name"], told.get("tool"), told.get("environment"))
