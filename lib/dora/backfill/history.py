"""The past as a tool's API reports it, in the form of the events that its webhooks would have been."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from dora.cdevents import event_id
from dora.tools.payloads import time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True)
class Told:
    """A webhook: what kind, when it happened, what it says."""

    kind: str
    when: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Item:
    """A thing of the past: what it is called, when it last changed, and how to ask for its events."""

    key: tuple[str, ...]
    when: str
    tell: Callable[[], Iterator[Told]]


@dataclass(frozen=True)
class History:
    """A project's past: for each kind of thing all that there are, the newest first."""

    source: str
    type_prefix: str
    kinds: dict[str, Callable[[], Iterator[Item]]]

    def event(self, told: Told) -> str:
        """Make the CloudEvent, in JSON; reported again it is the same one."""
        type_ = f"{self.type_prefix}{told.kind}"
        content = json.dumps(told.payload, sort_keys=True)
        return json.dumps(
            {
                "specversion": "1.0",
                "id": event_id("backfill", type_, self.source, content),
                "source": self.source,
                "type": type_,
                "time": told.when,
                "datacontenttype": "application/json",
                "data": told.payload,
            }
        )


def items(
    listed: Iterable[Any], number: str, moment: str, tell: Callable[[Any], Iterator[Told]]
) -> Iterator[Item]:
    """Return the items of what has a number and changes; when it has changed, it is reported anew.

    Args:
        listed: what the API lists.
        number: the field that distinguishes one from another.
        moment: the field that says how far back it is.
        tell: returns the events of one.
    """
    for one in listed:
        key = (str(one[number]), one["updated_at"])
        yield Item(key, time(one, moment), partial(tell, one))


def picked(value: Any, *names: str) -> dict[str, Any]:
    """Return these fields only: what a transformer reads, so that counters and people are left out."""
    return {name: value.get(name) for name in names}
