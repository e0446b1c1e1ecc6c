"""Rule 18: what a person says of a deployment or an incident."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.metrics.reference.events import Event, Json, Key

CORRECTION = "dora-correction.created"
INCIDENTS = ("incident.detected", "incident.reported", "incident.resolved")


@dataclass(frozen=True)
class Said:
    """The latest word on each part of one deployment's event or one incident."""

    words: list[Event]

    def of(self, part: str) -> Any:
        """What holds of a part; None where nobody says it, or it was taken back."""
        told = self.told(part)
        return told.content[part] if told else None

    def told(self, part: str) -> Event | None:
        """The latest correction that has this part, unless it takes it back."""
        latest = next((word for word in reversed(self.words) if part in word.content), None)
        return latest if latest and latest.content[part] is not None else None


class Corrections:
    """All corrections among some events, of which the keys of those that are incidents are known."""

    def __init__(self, events: list[Event], incidents: set[Key]) -> None:
        self.words = [event for event in events if event.kind == CORRECTION]
        deployments = {event.key for event in events if event.is_of_service}
        named = {(e.source, e.subject) for e in events if e.kind in INCIDENTS}
        self.known = {"deployment": deployments, "incident": named}
        self.incidents = incidents

    def of(self, kind: str, source: str, name: str) -> Said:
        """What is said of the deployment's event, or the incident, of this source and id."""
        if kind == "incident" and (source, name) not in self.incidents:
            return Said([])
        return Said([word for word in self.words if self._means(word, kind, (source, name))])

    def _means(self, word: Event, kind: str, key: tuple[str, str]) -> bool:
        """A source may be left out where no other source uses that id."""
        meant: Json | None = word.content.get(kind)
        if meant is None or meant["id"] != key[1]:
            return False
        sources = [source for source, name in self.known[kind] if name == meant["id"]]
        return meant.get("source", sources[0] if len(sources) == 1 else None) == key[0]


def corrected(events: list[Event], corrections: Corrections) -> list[Event]:
    """Events as they should have been: commit, repository and service replaced."""
    return [_corrected(event, corrections) for event in as_told(events)]


def as_told(events: list[Event]) -> list[Event]:
    """All but the corrections."""
    return [event for event in events if event.kind != CORRECTION]


def _corrected(event: Event, corrections: Corrections) -> Event:
    if event.is_of_service:
        said = corrections.of("deployment", *event.key)
        for part in ("commit", "repository"):
            if (word := said.of(part)) is not None:
                event = replace(event, custom=event.custom | {part: word})
        return _of_service(event, said.of("service"))
    if event.kind in INCIDENTS:
        said = corrections.of("incident", event.source, event.subject)
        return _of_service(event, said.of("service"))
    return event


def _of_service(event: Event, service: str | None) -> Event:
    if service is None:
        return event
    custom = _without(event.custom, "serviceNames")
    if event.is_of_service:
        return replace(event, subject=service, custom=custom)
    return replace(event, content=event.content | {"service": {"id": service}}, custom=custom)


def _without(part: Json, name: str) -> Json:
    return {each: value for each, value in part.items() if each != name}
