"""Corrections: what a person says of a deployment or an incident, as a custom CDEvent of our own.

docs/events.md says what each part means. The latest word on each part holds, and null takes it back.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dora.cdevents import carrier, event_id
from dora.cdevents.types import CORRECTION, SPEC_VERSION
from dora.errors import PermanentError
from dora.times import rfc3339

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

SOURCE = "/corrections"
PARTS = ("counts", "failed", "unplanned", "commit", "repository", "service")


def correction(content: dict[str, Any], time: Any = None) -> CloudEvent:
    """Build the CloudEvent of a correction; said again at the same time it is the same event.

    Args:
        content: `deployment` or `incident`, an object with `id` and, where several sources use that
            id, `source`; any of PARTS; `by` and `because`.
        time: when it was said, RFC 3339; now where it is not given.

    Raises:
        PermanentError: a part is missing, unknown or wrong, or nothing is said.
    """
    if not content.keys() & set(PARTS):
        raise PermanentError(f"expected a correction to say one of {', '.join(PARTS)}, got none")
    time = rfc3339(datetime.now(UTC)) if time is None else time
    corrected = content.get("deployment", content.get("incident"))
    context = {
        "specversion": SPEC_VERSION,
        "id": event_id("correction", str(time), _text(content)),
        "source": SOURCE,
        "type": CORRECTION,
        "timestamp": time,
    }
    subject_id = corrected.get("id") if isinstance(corrected, dict) else None
    # Where there is none, the schema says what is wrong with the content.
    subject = {"id": subject_id or context["id"], "content": content}
    return carrier({"context": context, "subject": subject})


def _text(content: dict[str, Any]) -> str:
    try:
        return json.dumps(content, sort_keys=True)
    except RecursionError:
        raise PermanentError("expected a correction, got JSON that is too deep") from None
