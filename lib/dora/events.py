"""CloudEvents as they come: each is read once, and what is kept of it, or refused, is known from then on.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cloudevents.http import CloudEvent

from dora.errors import NoCloudEventError, PermanentError
from dora.json_text import Members, decode, read_members
from dora.limits import ATTRIBUTE_BYTES, too_long
from dora.times import is_date_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug import Request
    from werkzeug.datastructures import Headers

REQUIRED = ("id", "source", "specversion", "type")
# Members of the JSON format that are no attributes.
DATA = ("data", "data_base64")
STRUCTURED = "application/cloudevents+json"
# Attributes that Knative adds on the way; they belong to a delivery, not to the event.
TRANSPORT = re.compile(r"knative(arrivaltime|brokerttl|history|error(code|data|dest))")
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# What the HTTP binding has encoded in a header, and what it leaves as it is.
ENCODED = re.compile("(?:%(?:[01][0-9A-Fa-f]|2[025]|7[Ff]|[89A-Fa-f][0-9A-Fa-f])|[!#$&-~])+")
JSON_TYPE = re.compile(r"(application|text)/([\w.+-]+\+)?json\s*(;|$)", re.IGNORECASE)


class Event(CloudEvent):
    """A CloudEvent as it came: its attributes, its data, and the data to the letter.

    Attributes:
        data: the JSON value that came; bytes where it is no JSON; None where there is none.
        text: the JSON that came; None where it is none, or says that it is none.
    """

    def __init__(
        self, attributes: Mapping[str, Any], data: Any, text: str | None, came: str | bytes | None
    ) -> None:
        # Not by the SDK, which refuses some versions, and puts the present moment where there is no time.
        self._attributes: dict[str, Any] = dict.fromkeys((*REQUIRED, "time"))
        self._attributes |= {name.lower(): value for name, value in attributes.items()}
        self.data, self.text, self._came = data, text, came

    def with_attributes(self, attributes: Mapping[str, Any]) -> Event:
        """Return an event with the same data and these attributes."""
        return Event(attributes, self.data, self.text, self._came)

    @property
    def is_empty(self) -> bool:
        """Whether no data came."""
        return self.data is None and self._came is None

    def in_base64(self) -> str:
        """Return the bytes of the data in base64."""
        came = self._came.encode() if isinstance(self._came, str) else self._came
        return base64.b64encode(came or b"").decode()


def require_event(request: Request) -> Event:
    """Return the CloudEvent that came.

    Raises:
        NoCloudEventError: there is none, or an attribute breaks the rules of CloudEvents 1.0.
    """
    return require_rules(read_event(request))


def require_rules(event: Event) -> Event:
    """Return the event.

    Raises:
        NoCloudEventError: an attribute breaks the rules of CloudEvents 1.0.
    """
    if sentence := broken_rule(event):
        raise NoCloudEventError(sentence)
    return event


def read_event(request: Request) -> Event:
    """Return the event that came, whether its attributes keep the rules of CloudEvents 1.0 or not.

    Raises:
        NoCloudEventError: there is none.
    """
    if _is_binary(request.headers):
        headers = header_attributes(request)
        attributes = {name: _decoded(value) for name, value in headers.items()}
        return _event_of_bytes(attributes, request.get_data())
    members = _members(request)
    missing = [name for name in REQUIRED if name not in members or members[name].value is None]
    if missing:
        raise NoCloudEventError(f"expected a CloudEvent 1.0, got {_what_came(request, members)}")
    return event_of(members)


def event_of(members: Members) -> Event:
    """Return the event whose JSON format has these members, whatever its attributes are.

    Raises:
        NoCloudEventError: data_base64 is not base64.
    """
    attributes = {name: member.value for name, member in members.items() if name not in DATA}
    if "data_base64" in members:
        try:
            body = base64.b64decode(members["data_base64"].value, validate=True)
        except (ValueError, TypeError):
            raise NoCloudEventError("expected data_base64 to be base64") from None
        return _event_of_bytes(attributes, body)
    if "data" not in members:
        return Event(attributes, None, "null", None)
    value, text = members["data"]
    return Event(attributes, value, text if _is_json(text) else None, text)


def _event_of_bytes(attributes: Mapping[str, Any], body: bytes) -> Event:
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return Event(attributes, body or None, None, body or None)
    is_json = _has_json_type(attributes)
    return Event(attributes, value, text if is_json else None, body)


def _is_binary(headers: Headers) -> bool:
    is_structured = headers.get("content-type", "").startswith(STRUCTURED)
    return not is_structured and all(f"ce-{name}" in headers for name in REQUIRED)


def _members(request: Request) -> Members:
    """Return the members of the JSON object that came; none where it is no such thing."""
    try:
        return read_members(decode(request.get_data()))
    except (ValueError, RecursionError):
        return {}


def _what_came(request: Request, members: Members) -> str:
    headers = request.headers
    if any(name.lower().startswith("ce-") for name, _ in headers):
        there = {name for name in REQUIRED if headers.get(f"ce-{name}")}
    elif not headers.get("content-type", "").startswith(STRUCTURED):
        return "neither ce- headers nor a body in structured mode"
    elif not members:
        return "one that cannot be read"
    else:
        there = {name for name in REQUIRED if name in members and members[name].value is not None}
    return f"one without {' and '.join(name for name in REQUIRED if name not in there)}"


def broken_rule(event: Event) -> str | None:
    """Return which rule of CloudEvents 1.0, or of ours, the attributes break; None where they break none."""
    attributes = event.get_attributes()
    for name in REQUIRED:
        if not isinstance(attributes[name], str) or not attributes[name]:
            return f"expected the CloudEvent's {name} to be text, got {attributes[name]!r:.80}"
    if attributes["specversion"] != "1.0":
        return f"expected a CloudEvent of specversion 1.0, got {attributes['specversion']}"
    for name, value in attributes.items():
        if CONTROL_CHARACTERS.search(str(value)):
            return f"expected no control characters in the CloudEvent's {name}"
    for name in ("id", "source", "type"):
        if sentence := too_long(attributes[name], ATTRIBUTE_BYTES):
            return f"the CloudEvent's {name}: {sentence}"
    return None


def header_attributes(request: Request) -> dict[str, Any]:
    """Return the attributes that the request's headers hold, whether they make an event or not."""
    attributes = {
        name[3:].lower(): _as_utf8(value)
        for name, value in request.headers
        if name.lower().startswith("ce-") and name[3:].lower() not in DATA
    }
    return {"datacontenttype": request.headers.get("content-type"), **attributes}


def _as_utf8(value: str) -> str:
    """Undo WSGI's reading of headers as Latin-1; Knative writes them as UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _decoded(value: Any) -> Any:
    """Undo the percent-encoding of a header, once; a value that nobody encoded stays.

    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
    encodes spaces, quotes, percent signs and what is not printable ASCII, and nothing else. Not all
    senders encode: `%41` or `%3A`, as in a package URL, came from none that does, and stays.
    """
    if not isinstance(value, str) or "%" not in value or not ENCODED.fullmatch(value):
        return value
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        return value


def own_attributes(event: CloudEvent) -> dict[str, Any]:
    """Return the event's attributes without those that Knative added on the way."""
    return _own(event.get_attributes())


def _own(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in attributes.items()
        if value is not None and not TRANSPORT.fullmatch(name)
    }


def require_time(event: Event) -> str | None:
    """Return the event's own time, or None where it has none.

    Raises:
        PermanentError: the time is no date-time of RFC 3339.
    """
    time: str | None = event["time"]
    if time is not None and not is_date_time(time):
        raise PermanentError(f"expected time to be a date-time of RFC 3339, got {time!r:.80}")
    return time


def require_json(event: Event) -> str:
    """Return the event's data as JSON, to the letter as it came.

    Raises:
        PermanentError: the data is no JSON.
    """
    if event.text is None:
        raise PermanentError("expected data to be JSON, got something that cannot be read as JSON")
    return event.text


def structured(event: Event, *, broken: bool = False) -> str:
    """Return the whole event in JSON format; data that is no JSON goes into it in base64.

    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md

    Args:
        event: the event; its data is kept to the letter where it is JSON.
        broken: take also data that says it is JSON and is not.

    Raises:
        PermanentError: the data says it is JSON and is not.
    """
    attributes = json.dumps(own_attributes(event))[:-1]
    if event.is_empty:
        return attributes + "}"
    if event.text is not None or (_has_json_type(event.get_attributes()) and not broken):
        return f'{attributes}, "data": {require_json(event)}}}'
    return f'{attributes}, "data_base64": "{event.in_base64()}"}}'


def as_it_came(request: Request) -> str:
    """Return a request in the form of an event: what its headers hold, and its body in base64."""
    body = base64.b64encode(request.get_data()).decode()
    return json.dumps({**_own(header_attributes(request)), "data_base64": body})


def _has_json_type(attributes: Mapping[str, Any]) -> bool:
    """Return whether the event says that its data is JSON; saying nothing means JSON."""
    return JSON_TYPE.match(str(attributes.get("datacontenttype") or "text/json")) is not None


def _is_json(text: str) -> bool:
    """Return whether text that Python read as JSON is JSON."""
    try:
        if "NaN" in text or "Infinity" in text:
            json.loads(text, parse_constant=refuse_constant)
    except ValueError:
        return False
    return True


def refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is no JSON")
