"""By which way an event came in, and whose word holds where two ways say different things of one event.

The ways are `webhooks/<path>` of the webhooks endpoint, and `cluster` for what a sender in the cluster
gave to the Broker, or as a batch to a function. The webhooks endpoint notes its way in the extension
attribute `wayin`, and what becomes of an event has the way of that event. docs/security.md says who
may set it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from dora.causes import CAUSE, cause_of
from dora.errors import PermanentError
from dora.settings import matches, settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudevents.http import CloudEvent

    from dora.events import Event

WAY = "wayin"
# Extension attributes that nobody but this project sets.
MARKS = ("recorded", "catchup")
OWN = (*MARKS, WAY, CAUSE)
CLUSTER, GENERIC = "cluster", "webhooks/generic"
WEBHOOKS = re.compile(r"webhooks/[a-z0-9-]+")
# What a way's word is worth where the source is bound to none; the least holds. A tool's webhook names
# that tool's sources alone, `/generic` may name those of any pipeline.
BOUND, TOOL = 0, 1
RANKS = {CLUSTER: 2, GENERIC: 3}
# A binding to a service account is enforced by the Broker: what gets through came from it.
SERVICE_ACCOUNT = "serviceaccount/"


def way_of(event: CloudEvent) -> str:
    """Return the way by which an event came in."""
    named = str(event.get_attributes().get(WAY) or "")
    return named if WEBHOOKS.fullmatch(named) else CLUSTER


def bound_way(source: str) -> str | None:
    """Return the way that a source is bound to, by the first pattern of SOURCE_WAYS that it fits.

    Raises:
        PermanentError: the setting is not a list of `pattern=way`.
    """
    for entry in settings("SOURCE_WAYS"):
        pattern, _, way = entry.rpartition("=")
        if not pattern or not (way in RANKS or WEBHOOKS.fullmatch(way) or _is_account(way)):
            raise PermanentError(f"expected SOURCE_WAYS to list pattern=way, got {entry!r:.80}")
        if matches(source, [pattern]):
            return CLUSTER if _is_account(way) else way
    return None


def _is_account(way: str) -> bool:
    return way.startswith(SERVICE_ACCOUNT)


def rank(way: str, source: str) -> int:
    """Return what the word of a way is worth for a source; the least holds."""
    return BOUND if way == bound_way(source) else RANKS.get(way, TOOL)


def report(event: CloudEvent, content: str) -> str:
    """Return what is kept of an event with its way and its cause, as a JSON object of one line."""
    way = way_of(event)
    said = {"way": way, "rank": rank(way, str(event["source"])), "cause": cause_of(event)}
    named = json.dumps(said)
    return f'{named[:-1]}, "event": {content}}}'


def is_recorded(event: CloudEvent) -> bool:
    """Return whether an event says that it is in the log already."""
    return event.get_attributes().get("recorded") is not None


def without_marks(event: Event) -> Event:
    """Return the event without what only this project sets."""
    attributes = event.get_attributes()
    own = {name: value for name, value in attributes.items() if name not in OWN}
    return event.with_attributes(own)


def require_unmarked(event: CloudEvent) -> None:
    """Check that a sender sets nothing that only this project sets.

    Raises:
        PermanentError: it does.
    """
    for name in OWN:
        if event.get_attributes().get(name) is not None:
            raise PermanentError(
                f"expected no attribute {name}, which dora-cloudevents alone sets, got one"
            )


def note_way(way: str, events: Iterable[CloudEvent]) -> None:
    """Note by which way events came in."""
    for event in events:
        event[WAY] = way


def pass_way_on(event: CloudEvent, made: Iterable[CloudEvent]) -> None:
    """Let what was made of an event have its way."""
    if (way := way_of(event)) != CLUSTER:
        note_way(way, made)
