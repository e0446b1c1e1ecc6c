"""Keep every CloudEvent that a source sent, as a row of cloudevents_raw."""

from __future__ import annotations

from collections.abc import Iterable

from parliament import Context

from dora.batch import lines, or_batch
from dora.database import run
from dora.events import Event, require_time, structured
from dora.function import on_event


def check(event: Event) -> str:
    """Return the event in JSON format, its own time checked."""
    require_time(event)
    return structured(event)


def keep(events: Iterable[str]) -> None:
    """Keep events, each with its own time."""
    run("endpoints/cloudevents/insert_cloudevents", contents=lines(events))


@or_batch(check, keep)
@on_event
def main(context: Context) -> None:
    """Keep the event; answer nothing."""
    keep([check(context.cloud_event)])
