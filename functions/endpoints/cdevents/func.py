"""Let valid CDEvents into cdevents_raw, and answer each with the same event, marked as recorded."""

from __future__ import annotations

from cloudevents.http import CloudEvent
from parliament import Context

from dora.cdevents import recorded, require_same
from dora.cdevents_schemas import problem
from dora.database import run
from dora.errors import PermanentError
from dora.events import require_json
from dora.function import on_event


@on_event
def main(context: Context) -> CloudEvent:
    """Keep the CDEvent; it is recorded too if it was there before."""
    event = context.cloud_event
    content = require_json(context, event)
    sentence = problem(event.data)
    if sentence:
        raise PermanentError(sentence)
    require_same(event)
    run(
        "endpoints/cdevents/insert_cdevent",
        source=event.data["context"]["source"],
        id=event.data["context"]["id"],
        time=event.data["context"]["timestamp"],
        type=event.data["context"]["type"],
        subject=event.data["subject"]["id"],
        subject_source=event.data["subject"].get("source"),
        content=content,
    )
    return recorded(event)
