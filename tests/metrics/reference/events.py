"""Events: one for each source and id, in one order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Event:
    """A CDEvent: its names, its content, and what customData.dora has."""

    source: str
    id: str
    kind: str
    time: datetime
    subject: str
    content: Json = field(repr=False)
    custom: Json = field(repr=False)
    links: list[Json] = field(repr=False)

    @property
    def key(self) -> Key:
        return (self.source, self.id)

    @property
    def order(self) -> tuple[datetime, int, str, str]:
        """By time, then revision (none is before any), source, id."""
        return (self.time, self.custom.get("revision", -1), self.source, self.id)

    @property
    def is_of_service(self) -> bool:
        """Whether it is a service event (6)."""
        kinds = ("service.deployed", "service.upgraded", "service.rolledback", "service.removed")
        return self.kind in kinds

    @property
    def is_removal(self) -> bool:
        return self.kind == "service.removed"


def instant(text: str) -> datetime:
    """Read a time of RFC 3339."""
    return datetime.fromisoformat(text).astimezone(UTC)


def recorded(told: Iterable[Json]) -> list[Event]:
    """One event for each source and id, in their order."""
    kept: dict[Key, Json] = {}
    for each in told:
        key = (each["context"]["source"], each["context"]["id"])
        if key not in kept or _stays_before(each) < _stays_before(kept[key]):
            kept[key] = each
    return sorted(map(_event, kept.values()), key=lambda event: event.order)


def _stays_before(told: Json) -> tuple[datetime, int, str]:
    """Of two contents the earlier one stays, then the longer JSON, then the smaller text."""
    text = _text(told)
    return (instant(told["context"]["timestamp"]), -len(text), text)


def _text(part: Any) -> str:
    """Write JSON as the database does, whose keys are in order of their length first."""
    if isinstance(part, dict):
        names = sorted(part, key=lambda name: (len(name.encode()), name))
        return "{" + ", ".join(f"{_text(name)}: {_text(part[name])}" for name in names) + "}"
    if isinstance(part, list):
        return "[" + ", ".join(map(_text, part)) + "]"
    return json.dumps(part, ensure_ascii=False)


def _event(told: Json) -> Event:
    context, subject = told["context"], told["subject"]
    custom = told.get("customData")
    dora = custom.get("dora") if isinstance(custom, dict) else None
    return Event(
        context["source"],
        context["id"],
        ".".join(context["type"].split(".")[2:4]),
        instant(context["timestamp"]),
        subject["id"],
        subject.get("content", {}),
        dora or {},
        context.get("links") or [],
    )
