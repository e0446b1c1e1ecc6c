"""CloudEvents in an HTTP message, in binary or structured mode, as the Go SDK in Knative reads them."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dora.json_text import Members, Written, read_members
from dora.limits import BATCH

if TYPE_CHECKING:
    from collections.abc import Mapping

STRUCTURED = "application/cloudevents+json"
SPECVERSIONS = ("0.3", "1.0")
# Of these the specification says that they are strings; extensions may be numbers and booleans.
OWN_ATTRIBUTES = {
    *("id", "source", "specversion", "type"),
    *("datacontenttype", "dataschema", "subject", "time"),
}
GONE_IF_EMPTY = {"dataschema", "subject", "time"}
ATTRIBUTE_NAME = re.compile(r"[a-z0-9]+")
INTEGERS = (-(2**31), 2**31 - 1)
JSON_TYPES = {"", "application/json", "text/json"}  # not those that end in +json
SPACED_BASE64 = re.compile(r'"data_base64"\s*:\s')
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)")
WORD = r"[\w!#$%&'*+.^`|~-]+"
SHAPES = {
    "datacontenttype": (re.compile(rf"{WORD}(/{WORD})?\s*(;.*)?", re.ASCII), "media type"),
    "dataschema": (re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.*"), "absolute URI"),
}
NOT_IN_HEADERS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # a tab may be
# In a header they are what is left of bytes that are no UTF-8, in JSON they are half a character.
SURROGATES = re.compile(r"[\ud800-\udfff]")
IN_SOURCES = "!#$%&'()*+,/:;=?@[]~"  # beside letters and digits; the rest is percent-encoded


class RefusedError(ValueError):
    """Why an event is not taken, in a sentence, and the status that Knative's ingress answers."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


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

    def check(self) -> None:
        """Require what the ingress requires of an event that it could read.

        Raises:
            RefusedError: It is no valid CloudEvent.
        """
        for name in ("id", "source", "type"):
            if not self.attributes.get(name, "").strip():
                raise _no_cloudevent(f"{name} is missing or empty")
        for name, (shape, description) in SHAPES.items():
            if name in self.attributes and not shape.fullmatch(self.attributes[name]):
                raise _no_cloudevent(f"{name} is no {description}")
        for name, value in self.attributes.items():
            if NOT_IN_HEADERS.search(value):
                raise _no_cloudevent(f"{name} has a control character", 500)


def is_event(headers: Mapping[str, str]) -> bool:
    """Return whether an HTTP message says that it is a CloudEvent, valid or not."""
    is_binary = headers.get("ce-specversion") in SPECVERSIONS
    return is_binary or _media_type(headers) in (STRUCTURED, BATCH)


def read_event(headers: Mapping[str, str], body: bytes) -> Event:
    """Return the CloudEvent of an HTTP message, read but not checked.

    Raises:
        RefusedError: It cannot be read.
    """
    if _media_type(headers) == BATCH:
        raise _no_cloudevent("a batch is not taken, only single events are")
    if _media_type(headers) == STRUCTURED:
        return _read_structured(body)
    return Event(_as_passed_on(_binary_attributes(headers)), body)


def now() -> str:
    """Return the present moment as an attribute."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _no_cloudevent(reason: str, status: int = 400) -> RefusedError:
    return RefusedError(f"this is no CloudEvent: {reason}", status)


def _media_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _binary_attributes(headers: Mapping[str, str]) -> dict[str, str]:
    names = [name for name in headers if name.lower().startswith("ce-")]
    attributes = {_attribute_name(name[3:].lower()): headers[name] for name in names}
    if "datacontenttype" in attributes:
        raise _no_cloudevent("datacontenttype must be the header content-type")
    if SURROGATES.search("".join(attributes.values())):
        raise _no_cloudevent("a header is no UTF-8")
    content_type = headers.get("content-type")
    return attributes | ({"datacontenttype": content_type} if content_type else {})


def _read_structured(body: bytes) -> Event:
    try:
        text = body.decode()
        members = read_members(text)
    except (ValueError, RecursionError):
        raise _no_cloudevent("the body is no JSON object") from None
    attributes = {
        _attribute_name(name): _attribute_text(name, member.value)
        for name, member in members.items()
        if name not in ("data", "data_base64")
        and (member.value is not None or name in OWN_ATTRIBUTES)
    }
    if _has_misread_base64(text, list(members)):
        raise _no_cloudevent("data_base64 has white space before it, which Knative misreads")
    data = _structured_data(members, attributes.get("datacontenttype", ""))
    return Event(_as_passed_on(attributes), data)


def _has_misread_base64(text: str, names: list[str]) -> bool:
    if "data_base64" not in names or not SPACED_BASE64.search(text):
        return False
    before = names[: names.index("data_base64")]
    return "specversion" in before and "datacontenttype" not in before


def _attribute_name(name: str) -> str:
    lower = name.lower()
    if not ATTRIBUTE_NAME.fullmatch(lower) or (lower in OWN_ATTRIBUTES and lower != name):
        raise _no_cloudevent(f"{name!r} cannot name an attribute")
    return lower


def _attribute_text(name: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return SURROGATES.sub("\ufffd", value)
        case _ if name in OWN_ATTRIBUTES:
            raise _no_cloudevent(f"{name} is no string")
        case bool():
            return str(value).lower()
        case int() | float() if INTEGERS[0] <= value <= INTEGERS[1]:
            return str(int(value))
    raise _no_cloudevent(f"{name} is no string, boolean or integer of 32 bits")


def _structured_data(content: Members, content_type: str) -> bytes:
    is_json = content_type.partition(";")[0].strip() in JSON_TYPES
    match content:
        case {"data": _, "data_base64": _}:
            raise _no_cloudevent("it has both data and data_base64")
        case {"data": Written(_, text)} if is_json:
            return text.encode()  # as it was written, to the last digit
        case {"data": Written(str() | None as value, _)}:
            return SURROGATES.sub("\ufffd", value or "").encode()
        case {"data": _}:
            raise _no_cloudevent(f"data of {content_type} is no string")
    try:
        return base64.b64decode(content["data_base64"].value, validate=True)
    except KeyError:
        return b""
    except (ValueError, TypeError):
        raise _no_cloudevent("data_base64 is not base64") from None


def _as_passed_on(attributes: Mapping[str, str]) -> dict[str, str]:
    specversion = attributes.get("specversion")
    if specversion not in SPECVERSIONS:
        raise _no_cloudevent(f"specversion must be 1.0, but is {specversion or 'missing'}")
    given = {
        name: value for name, value in attributes.items() if value or name not in GONE_IF_EMPTY
    }
    if "time" in given:
        given["time"] = _in_utc(given["time"])
    if "source" in given:
        given["source"] = quote(given["source"], IN_SOURCES)
    return given


def _in_utc(time: str) -> str:
    wrong = _no_cloudevent("time is none of RFC 3339")
    match = TIME.fullmatch(time)
    if not match:
        raise wrong
    seconds, fraction, offset = match.groups("")
    try:
        moment = datetime.fromisoformat(seconds + offset).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction}".rstrip("0").rstrip(".") + "Z"
