"""Keep every CloudEvent that a source sent, as a row of cloudevents_raw."""

from __future__ import annotations

from parliament import Context

from dora.database import run
from dora.events import require_time, structured
from dora.function import on_event


@on_event
def main(context: Context) -> None:
    """Keep the event with its own time; answer nothing."""
    event = context.cloud_event
    run(
        "endpoints/cloudevents/insert_cloudevent",
        source=event["source"],
        id=event["id"],
        type=event["type"],
        content=structured(context, event),
        time=require_time(event),
    )
