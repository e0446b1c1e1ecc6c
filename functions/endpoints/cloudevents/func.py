"""Keep every CloudEvent that a source sent, as a row of cloudevents_raw."""

from __future__ import annotations

from collections.abc import Iterable

from parliament import Context

from dora import ways
from dora.batch import lines, or_batch
from dora.database import run
from dora.events import Event, require_time, structured
from dora.function import on_event
from dora.together import together


def check(event: Event) -> str:
    """Return the event in JSON format with its way in, its own time checked."""
    require_time(event)
    return ways.report(event, structured(ways.without_marks(event)))


@together
def keep(reports: Iterable[str]) -> None:
    """Keep events, each with its own time, and beside them what another way says of one."""
    reports = list(reports)
    if len(run("endpoints/cloudevents/insert_cloudevents", reports=lines(reports))) < len(reports):
        run("endpoints/cloudevents/insert_lost", reports=lines(reports))


@or_batch(check, keep)
@on_event
def main(context: Context) -> None:
    """Keep the event; answer nothing."""
    keep([check(context.cloud_event)])
