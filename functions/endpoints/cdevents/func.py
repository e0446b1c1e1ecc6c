"""Let valid CDEvents into cdevents_raw, and answer each with the same event, marked as recorded."""

from __future__ import annotations

from collections.abc import Iterable

from cloudevents.http import CloudEvent
from parliament import Context

from dora.batch import lines, or_batch
from dora.cdevents import recorded, require_same
from dora.cdevents.schemas import problem
from dora.database import run
from dora.errors import PermanentError
from dora.events import Event, require_json
from dora.function import on_event


def check(event: Event) -> str:
    """Return the CDEvent as JSON, if it is valid."""
    content = require_json(event)
    sentence = problem(event.data)
    if sentence:
        raise PermanentError(sentence)
    require_same(event)
    return content


def keep(events: Iterable[str]) -> None:
    """Keep CDEvents; one that is there stays."""
    run("endpoints/cdevents/insert_cdevents", contents=lines(events))


@or_batch(check, keep)
@on_event
def main(context: Context) -> CloudEvent:
    """Keep the CDEvent; it is recorded too if it was there before."""
    keep([check(context.cloud_event)])
    return recorded(context.cloud_event)
