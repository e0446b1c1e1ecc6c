"""What a Broker refuses, most often since it is too large: reported by a smaller event that carries it.

JSON gets about ten times smaller by compression, so an event that is too large still fits in compressed.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

from cloudevents.conversion import to_structured
from cloudevents.http import CloudEvent

from dora.tracing import trace_of

if TYPE_CHECKING:
    from dora.errors import PermanentError

# The type of the event, which goes to the dead letters.
REFUSED = "dev.dora.refused"
# A webhook may have 5 MiB, and its event some attributes.
MAX_BYTES = 6 * 1024 * 1024


def report_of(event: CloudEvent, error: PermanentError, *, whole: bool) -> CloudEvent:
    """Make the event that reports a refused one, with what a Broker adds to a dead letter.

    Args:
        event: what the Broker refused.
        error: how it refused it.
        whole: whether the report carries the event, else only its type and id.
    """
    attributes = {
        "type": REFUSED,
        "source": event["source"],
        "id": f"{event['id']}/refused",
        "datacontenttype": "application/json",
        "knativeerrordest": "the Broker",
        "knativeerrordata": base64.b64encode(str(error).encode()).decode(),
    }
    attributes |= trace_of(event.get_attributes())
    carried = {"event": _packed(to_structured(event)[1])} if whole else {}
    return CloudEvent(attributes, {"type": event["type"], "id": event["id"]} | carried)


def event_in(report: CloudEvent) -> str | None:
    """Return the refused event that a report carries, in JSON format; None where it carries none."""
    carried = report.data.get("event") if isinstance(report.data, dict) else None
    if report["type"] != REFUSED or not isinstance(carried, str):
        return None
    try:
        text = _unpacked(carried)
        return text if isinstance(json.loads(text), dict) else None
    except (ValueError, zlib.error, RecursionError):
        return None


def attributes_of(content: str) -> dict[str, Any]:
    """Return the attributes of an event in JSON format."""
    members: dict[str, Any] = json.loads(content)
    return {name: value for name, value in members.items() if name not in ("data", "data_base64")}


def _packed(body: bytes) -> str:
    return base64.b64encode(zlib.compress(body, 9)).decode()


def _unpacked(carried: str) -> str:
    """Return what was packed; what gets larger than any webhook is none of ours."""
    unpacking = zlib.decompressobj()
    body = unpacking.decompress(base64.b64decode(carried, validate=True), MAX_BYTES)
    if not unpacking.eof:
        raise ValueError(f"expected at most {MAX_BYTES} bytes, got more")
    return body.decode()
