"""Let valid CDEvents into cdevents_raw, and answer each with the same event, marked as recorded."""

from __future__ import annotations

from collections.abc import Iterable

from cloudevents.http import CloudEvent
from parliament import Context

from dora import ways
from dora.batch import lines, or_batch
from dora.cdevents import recorded, require_same
from dora.cdevents.schemas import problem
from dora.database import one, run
from dora.errors import PermanentError
from dora.events import Event, require_json
from dora.function import on_event
from dora.together import in_turn, together


def check(event: Event) -> str:
    """Return the CDEvent with its way in, if it is valid."""
    content = require_json(event)
    sentence = problem(event.data)
    if sentence:
        raise PermanentError(sentence)
    require_same(event)
    return ways.report(event, content)


@together
def keep(reports: Iterable[str]) -> None:
    """Keep CDEvents, and beside them what another way says of one; one that is there stays."""
    reports = list(reports)
    if len(run("endpoints/cdevents/insert_cdevents", reports=lines(reports))) < len(reports):
        run("endpoints/cdevents/insert_lost", reports=lines(reports))


def is_in_log(event: Event) -> bool:
    """Return whether the log has just this event: then it is the answer to one that was kept."""
    if not ways.is_recorded(event) or event.text is None:
        return False
    named = {"source": event["source"], "id": event["id"], "content": event.text}
    return bool(in_turn(lambda: one("endpoints/cdevents/is_in_log", **named)))


@or_batch(check, keep)
@on_event
def main(context: Context) -> CloudEvent | None:
    """Keep the CDEvent; it is recorded too if it was there before.

    What is marked as recorded already is not sent round again. If a sender marked it so, it is kept
    like any other, and the metrics find it at their next tick.
    """
    event = context.cloud_event
    if not is_in_log(event):
        keep([check(event)])
    return None if ways.is_recorded(event) else recorded(event)
