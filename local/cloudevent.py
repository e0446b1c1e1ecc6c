"""CloudEvents in an HTTP message, in binary or structured mode."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dora.written import Members, Written, decode, read_members

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of these the specification says that they are strings; extensions may be numbers and booleans.
OWN_ATTRIBUTES = {
    *("id", "source", "specversion", "type"),
    *("datacontenttype", "dataschema", "subject", "time"),
}
ATTRIBUTE_NAME = re.compile(r"[a-z0-9]+")
# Lone surrogates are what is left of header bytes that are no UTF-8.
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True)
class Event:
    """A CloudEvent: its context attributes and extensions as strings, its data as bytes."""

    attributes: Mapping[str, str]
    data: bytes

    def __str__(self) -> str:
        return f"event {self.attributes['id']} of {self.attributes['source']}"

    def extended(self, extensions: Mapping[str, str]) -> Event:
        """Return a copy with further attributes."""
        return replace(self, attributes={**self.attributes, **extensions})

    def headers(self) -> dict[str, str]:
        """Return the HTTP headers of the event in binary mode."""
        # The HTTP binding asks for percent-encoded values, but neither the Go SDK in Knative's
        # Broker nor the Python and Java SDKs encode or decode; a value that did would arrive
        # changed. So values go through untouched, other than ASCII as UTF-8.
        attributes = dict(self.attributes)
        content_type = attributes.pop("datacontenttype", None)
        headers = {f"ce-{name}": value for name, value in attributes.items()}
        return headers | ({"content-type": content_type} if content_type else {})


def parse_event(headers: Mapping[str, str], body: bytes) -> Event:
    """Return the CloudEvent of an HTTP message in binary or structured mode.

    Raises:
        ValueError: It is no CloudEvent; the sentence says why.
    """
    content_type = headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/cloudevents+json":
        event = _parse_structured(body)
    elif media_type.startswith("application/cloudevents"):
        raise _no_cloudevent(f"{media_type} is not taken, only single events in JSON are")
    else:
        attributes = {"datacontenttype": content_type} if content_type else {}
        names = [name for name in headers if name.lower().startswith("ce-")]
        event = Event(attributes | {name[3:].lower(): headers[name] for name in names}, body)
    _check(event.attributes)
    return event


def _no_cloudevent(reason: str) -> ValueError:
    return ValueError(f"this is no CloudEvent: {reason}")


def _parse_structured(body: bytes) -> Event:
    try:
        members = read_members(decode(body))
    except (ValueError, RecursionError):
        raise _no_cloudevent("the body is no JSON object") from None
    content = {name: member.value for name, member in members.items()}
    attributes = {
        name: _attribute_text(name, value)
        for name, value in content.items()
        if name not in ("data", "data_base64") and value is not None
    }
    if "data" in content:
        attributes.setdefault("datacontenttype", "application/json")
    return Event(attributes, _structured_data(members, attributes.get("datacontenttype", "")))


def _attribute_text(name: str, value: Any) -> str:
    if name in OWN_ATTRIBUTES and not isinstance(value, str):
        raise _no_cloudevent(f"{name} is no string")
    if not isinstance(value, str | int):
        raise _no_cloudevent(f"{name} is no string, integer or boolean")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _structured_data(content: Members, content_type: str) -> bytes:
    is_json = re.search(r"[/+]json\s*(;|$)", content_type.lower())
    match content:
        case {"data": _, "data_base64": _}:
            raise _no_cloudevent("it has both data and data_base64")
        case {"data": Written(str(value), _)} if not is_json:
            return value.encode()
        case {"data": Written(_, text)}:
            return text.encode(errors="surrogatepass")  # as Knative, to the last digit
    try:
        given = content["data_base64"].value if "data_base64" in content else ""
        return base64.b64decode(given or "", validate=True)
    except (ValueError, TypeError):
        raise _no_cloudevent("data_base64 is not base64") from None


def _check(attributes: Mapping[str, str]) -> None:
    for name in ("specversion", "id", "source", "type"):
        if not attributes.get(name):
            raise _no_cloudevent(f"{name} is missing or empty")
    if attributes["specversion"] != "1.0":
        raise _no_cloudevent("specversion is not 1.0")
    for name, value in attributes.items():
        if not ATTRIBUTE_NAME.fullmatch(name):
            raise _no_cloudevent(f"{name!r} cannot name an attribute")
        if FORBIDDEN.search(value):
            raise _no_cloudevent(f"{name} has a character that no attribute may have")


def now() -> str:
    """Return the present moment as an attribute."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
