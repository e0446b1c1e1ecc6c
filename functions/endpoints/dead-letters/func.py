"""Keep every event that the Broker could not deliver, with the reason, as a row of dead_letters."""

from __future__ import annotations

import base64

from parliament import Context

from dora.database import run
from dora.events import structured
from dora.function import on_event


@on_event
def main(context: Context) -> None:
    """Keep the event whatever it is; answer nothing."""
    event = context.cloud_event
    delivery = event.get_attributes()
    code = str(delivery.get("knativeerrorcode", ""))
    run(
        "endpoints/dead-letters/insert_dead_letter",
        source=event["source"],
        id=event["id"],
        type=event["type"],
        content=structured(context, event, broken=True),
        destination=delivery.get("knativeerrordest", "unknown"),
        code=int(code) if code.isdecimal() and len(code) == len("422") else None,
        reason=_reason(delivery.get("knativeerrordata")),
    )


def _reason(answer: str | None) -> str:
    """Give what the function answered, which the Broker passes on in base64."""
    try:
        text = base64.b64decode(answer or "", validate=True).decode(errors="replace")
    except ValueError:
        text = str(answer)
    return text.replace("\0", "") or "the function gave no reason"
