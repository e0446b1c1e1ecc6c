"""CDEvents: building them, so that the same happening is the same event, byte for byte.

https://github.com/cdevents/spec/tree/v0.5.1
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any
from urllib.parse import unquote

from cloudevents.http import CloudEvent

from dora.cdevents.schemas import problem
from dora.cdevents.types import SPEC_VERSION, newest
from dora.errors import PermanentError
from dora.events import CONTROL_CHARACTERS, own_attributes
from dora.times import instant
from dora.ways import MARKS

# Any fixed UUID would do; changing it would give every happening a second id.
NAMESPACE = uuid.UUID("5f2d1d0e-6b0a-5c55-9f0b-6d7c1f1a2e30")
# NUL as JSON writes it, which PostgreSQL takes in no text; a backslash before u0000 is none.
NUL = re.compile(rb"(?<!\\)(\\\\)*\\u0000")
# CloudEvent attribute → where the CDEvent says the same.
# https://github.com/cdevents/spec/blob/v0.5.1/cloudevents-binding.md
SAME = {
    "id": ("context", "id"),
    "source": ("context", "source"),
    "type": ("context", "type"),
    "subject": ("subject", "id"),
    "time": ("context", "timestamp"),
}


def event_id(*happening: str) -> str:
    """Derive an id from what happened, so that reporting it again gives the same id.

    Raises:
        PermanentError: a part holds what is no character, half of a surrogate pair.
    """
    try:
        return str(uuid.uuid5(NAMESPACE, "\n".join(happening)))
    except UnicodeEncodeError:
        raise PermanentError("expected text that can be written in UTF-8") from None


def build(  # noqa: PLR0913 - a CDEvent has this many parts
    kind: str,
    *,
    identity: tuple[str, ...],
    source: str,
    time: str,
    subject_id: str,
    content: dict[str, Any],
    dora: dict[str, Any] | None = None,
) -> CloudEvent:
    """Build the CloudEvent of a CDEvent of the newest release.

    Args:
        kind: subject and predicate, such as "service.deployed".
        identity: what distinguishes this happening from all others of its source.
        source: where the event was made; a URI reference.
        time: when it happened, never when it was reported; RFC 3339.
        subject_id: id of the subject.
        content: the subject's content.
        dora: what CDEvents have no field for; parts that are None are left out.

    Raises:
        PermanentError: what the source reported makes no valid CDEvent. It is the source's event that
            has to go to the dead letters then, not one that the gate would refuse.
    """
    context = {
        "specversion": SPEC_VERSION,
        "id": event_id(kind.split(".", maxsplit=1)[0], source, *identity),
        "source": source,
        "type": newest(kind),
        "timestamp": time,
    }
    data: dict[str, Any] = {"context": context, "subject": {"id": subject_id, "content": content}}
    known = {name: value for name, value in (dora or {}).items() if value is not None}
    if known:
        data["customData"] = {"dora": known}
    return carrier(data)


def carrier(data: dict[str, Any]) -> CloudEvent:
    """Make the CloudEvent that carries a CDEvent.

    Raises:
        PermanentError: it is not valid.
    """
    if sentence := problem(data):
        raise PermanentError(f"this would become a CDEvent that is not valid: {sentence}")
    if any(CONTROL_CHARACTERS.search(data[part][field]) for part, field in SAME.values()):
        raise PermanentError("expected no control characters in what names a thing")
    _require_text(data)
    return CloudEvent(
        {name: data[part][field] for name, (part, field) in SAME.items()}
        | {"datacontenttype": "application/json"},
        data,
    )


def _require_text(data: dict[str, Any]) -> None:
    try:
        written = json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise PermanentError("expected text that can be written in UTF-8") from None
    if NUL.search(written):
        raise PermanentError("expected text without NUL")


def recorded(event: CloudEvent) -> CloudEvent:
    """Return the same event with the mark that it is kept, which metric functions are triggered by.

    Its attributes are those of the CDEvent that it carries. A time of its own, such as that of
    sending, is beside it as `senttime`.
    """
    own = {name: value for name, value in own_attributes(event).items() if name not in MARKS}
    meant = {name: event.data[part][field] for name, (part, field) in SAME.items()}
    if own.get("time") and instant(str(own["time"])) != instant(meant["time"]):
        own["senttime"] = own["time"]
    # Of the types of JSON, Knative takes this one in a reply.
    marked = {"recorded": "true", "datacontenttype": "application/json"}
    return CloudEvent(own | meant | marked, event.data)


def require_same(event: CloudEvent) -> None:
    """Check that a CloudEvent says the same of itself as the CDEvent that it carries.

    Its time may be another one or missing: the SDKs of CDEvents put none there, and those of
    CloudEvents that of sending. When it happened, the CDEvent says.

    Raises:
        PermanentError: another attribute is missing or differs.
    """
    attributes = event.get_attributes()
    for name, (part, field) in SAME.items():
        given, meant = attributes.get(name), event.data[part][field]
        if name != "time" and given is None:
            raise PermanentError(f"expected the attribute {name} to be {part}.{field}, got none")
        if name != "time" and not _is_same(str(given), meant):
            raise PermanentError(
                f"expected the attribute {name} to be {part}.{field} {meant!r:.80}, got {given!r:.80}"
            )


def _is_same(given: str, meant: str) -> bool:
    # Who percent-encodes a header, and who sends what looks like it, cannot always be distinguished.
    return meant in (given, unquote(given)) or given == unquote(meant)
