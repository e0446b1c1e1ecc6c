"""The event that another one was made of, so that to forget one is to forget both.

A function that a Broker calls notes in the extension attribute `cause` of what it replies or sends of
which event it made it: that event's source and id, with a space between, which no source has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudevents.http import CloudEvent
    from werkzeug.datastructures import Headers

CAUSE = "cause"


def note_cause(event: CloudEvent, headers: Headers, made: Iterable[CloudEvent]) -> None:
    """Note of which event others were made; what is the same event keeps its own cause.

    Args:
        event: what came.
        headers: of its request.
        made: what becomes of it.
    """
    if not is_from_broker(headers):
        return
    for other in made:
        if (other["source"], other["id"]) != (event["source"], event["id"]):
            other[CAUSE] = f"{event['source']} {event['id']}"


def is_from_broker(headers: Headers) -> bool:
    """Return whether a Broker sent a request, which takes a reply: it has `Prefer: reply`.

    https://github.com/knative/specs/blob/main/specs/eventing/data-plane.md.
    """
    return headers.get("prefer", "").lower() == "reply"


def cause_of(event: CloudEvent) -> str | None:
    """Return source and id of the event that this one was made of, where that is known."""
    cause: str | None = event.get_attributes().get(CAUSE)
    return cause
