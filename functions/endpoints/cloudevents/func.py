"""Keep every CloudEvent that a source sent, as a row of cloudevents_raw."""

from __future__ import annotations

from collections.abc import Iterable

from parliament import Context

from dora.batch import lines, or_batch
from dora.database import run
from dora.events import require_time, structured
from dora.function import on_event


def check(context: Context) -> str:
    """Give the event in JSON format, its own time checked."""
    require_time(context.cloud_event)
    return structured(context, context.cloud_event)


def keep(events: Iterable[str]) -> None:
    """Keep events, each with its own time."""
    run("endpoints/cloudevents/insert_cloudevents", contents=lines(events))


@or_batch(check, keep)
@on_event
def main(context: Context) -> None:
    """Keep the event; answer nothing."""
    keep([check(context)])
