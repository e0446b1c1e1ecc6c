"""CloudEvents as a function gets them: what is refused, and what is kept of them.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from cloudevents.http import CloudEvent

from dora.errors import NoCloudEventError, PermanentError
from dora.json_text import Members, decode, read_members
from dora.times import is_date_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parliament import Context

REQUIRED = ("id", "source", "specversion", "type")
# Attributes that Knative adds on the way; they belong to a delivery, not to the event.
TRANSPORT = re.compile(r"knative(arrivaltime|brokerttl|history|error(code|data|dest))")
CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
JSON_TYPE = re.compile(r"(application|text)/([\w.+-]+\+)?json\s*(;|$)", re.IGNORECASE)


def require_cloudevent(context: Context) -> CloudEvent:
    """Give the CloudEvent that came.

    Raises:
        NoCloudEventError: there is none, or an attribute breaks the rules of CloudEvents 1.0.
    """
    event = read_cloudevent(context)
    if sentence := broken_rule(event):
        raise NoCloudEventError(sentence)
    return event


def read_cloudevent(context: Context) -> CloudEvent:
    """Give the event that came, whether its attributes keep the rules of CloudEvents 1.0 or not.

    Raises:
        NoCloudEventError: there is none.
    """
    event: CloudEvent | None = context.cloud_event
    if event is None:
        raise NoCloudEventError(f"expected a CloudEvent 1.0, got {_what_came(context)}")
    if not _is_structured(context):
        for name, value in dict(event.get_attributes()).items():
            event[name] = _as_utf8(value)
    if not _has_time(context):
        event["time"] = None  # the SDK has put the present moment there
    return event


def broken_rule(event: CloudEvent) -> str | None:
    """Say which rule of CloudEvents 1.0 the event's attributes break; None where they break none."""
    attributes = event.get_attributes()
    for name in REQUIRED:
        if not isinstance(attributes[name], str) or not attributes[name]:
            return f"expected the CloudEvent's {name} to be text, got {attributes[name]!r:.80}"
    if attributes["specversion"] != "1.0":
        return f"expected a CloudEvent of specversion 1.0, got {attributes['specversion']}"
    for name, value in attributes.items():
        if CONTROL_CHARACTERS.search(str(value)):
            return f"expected no control characters in the CloudEvent's {name}"
    return None


def _what_came(context: Context) -> str:
    headers = context.request.headers
    if not any(name.lower().startswith("ce-") for name, _ in headers):
        return "neither ce- headers nor a body in structured mode"
    missing = [name for name in REQUIRED if not headers.get(f"ce-{name}")]
    return f"one without {' and '.join(missing)}" if missing else "one that cannot be read"


def _has_time(context: Context) -> bool:
    if _is_structured(context):
        return "time" in _members(context)
    return "ce-time" in context.request.headers


def _as_utf8(value: Any) -> Any:
    """Undo WSGI's reading of headers as Latin-1; Knative writes them as UTF-8."""
    try:
        return value.encode("latin-1").decode() if isinstance(value, str) else value
    except UnicodeError:
        return value


class Part:
    """One event of a batch, in the place of the request that it would have come in by itself."""

    def __init__(self, members: Members) -> None:
        self.headers: dict[str, str] = {}
        self.members = members

    @property
    def size(self) -> int:
        """Give how many bytes its values have."""
        return sum(len(member.text.encode(errors="replace")) for member in self.members.values())

    def cloud_event(self) -> CloudEvent:
        """Read the event as the SDK reads a body in structured mode, whatever its attributes are.

        Raises:
            NoCloudEventError: data_base64 is not base64.
        """
        attributes: dict[str, Any] = dict.fromkeys(REQUIRED) | {
            name.lower(): member.value
            for name, member in self.members.items()
            if name not in ("data", "data_base64")
        }
        event = CloudEvent(attributes | {"specversion": "1.0"}, self._data())
        event["specversion"] = attributes["specversion"]
        return event

    def _data(self) -> Any:
        if "data_base64" not in self.members:
            return self.members["data"].value if "data" in self.members else None
        try:
            data = base64.b64decode(self.members["data_base64"].value, validate=True)
        except (ValueError, TypeError):
            raise NoCloudEventError("expected data_base64 to be base64") from None
        try:
            return json.loads(data)
        except ValueError:
            return data


def _members(context: Context) -> Members:
    """Give the members of an event in structured mode."""
    if isinstance(context.request, Part):
        return context.request.members
    return read_members(decode(context.request.get_data()))


def header_attributes(context: Context) -> dict[str, Any]:
    """Give the attributes that the request's headers hold, whether they make an event or not."""
    headers = context.request.headers
    attributes = {
        name[3:].lower(): _as_utf8(value)
        for name, value in headers
        if name.lower().startswith("ce-")
    }
    return {"datacontenttype": headers.get("content-type"), **attributes}


def own_attributes(event: CloudEvent) -> dict[str, Any]:
    """Give the event's attributes without those that Knative added on the way."""
    return _own(event.get_attributes())


def _own(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in attributes.items()
        if value is not None and not TRANSPORT.fullmatch(name)
    }


def require_time(event: CloudEvent) -> str | None:
    """Give the event's own time, or None where it has none.

    Raises:
        PermanentError: the time is no date-time of RFC 3339.
    """
    time: str | None = event.get_attributes().get("time")
    if time is not None and not is_date_time(time):
        raise PermanentError(f"expected time to be a date-time of RFC 3339, got {time!r:.80}")
    return time


def require_json(context: Context, event: CloudEvent) -> str:
    """Give the event's data as JSON, to the letter as it came where that is known.

    Raises:
        PermanentError: the data is no JSON.
    """
    data = _json_or_none(context, event)
    if data is None:
        raise PermanentError("expected data to be JSON, got something that cannot be read as JSON")
    return data


def structured(context: Context, event: CloudEvent, *, broken: bool = False) -> str:
    """Give the whole event in JSON format; data that is no JSON goes into it in base64.

    https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md

    Args:
        context: the request, whose body is kept to the letter where it is JSON.
        event: the event that came in it.
        broken: take also data that says it is JSON and is not.

    Raises:
        PermanentError: the data says it is JSON and is not.
    """
    attributes = json.dumps(own_attributes(event))[:-1]
    if event.data is None and (_is_structured(context) or not context.request.get_data()):
        return attributes + "}"
    if has_json_type(event) and not broken:
        return f'{attributes}, "data": {require_json(context, event)}}}'
    data = _json_or_none(context, event)
    if data is not None:
        return f'{attributes}, "data": {data}}}'
    return f'{attributes}, "data_base64": {_base64(context, event)}}}'


def as_it_came(context: Context) -> str:
    """Give a request in the form of an event: what its headers hold, and its body in base64."""
    body = base64.b64encode(context.request.get_data()).decode()
    return json.dumps({**_own(header_attributes(context)), "data_base64": body})


def _base64(context: Context, event: CloudEvent) -> str:
    """Give the data's bytes in base64, as a JSON string."""
    if not _is_structured(context):
        return json.dumps(base64.b64encode(context.request.get_data()).decode())
    given = _members(context).get("data_base64")
    if given is not None:
        return given.text
    return json.dumps(base64.b64encode(json.dumps(event.data).encode()).decode())


def _is_structured(context: Context) -> bool:
    return "ce-specversion" not in context.request.headers


def has_json_type(event: CloudEvent) -> bool:
    """Tell whether the event says that its data is JSON; saying nothing means JSON."""
    given = event.get_attributes().get("datacontenttype")
    return JSON_TYPE.match(str(given or "text/json")) is not None


def _json_or_none(context: Context, event: CloudEvent) -> str | None:
    try:
        if _is_structured(context):
            return _structured_json(context, event)
        body: str = context.request.get_data().decode()
        # The body is put between other JSON, so it has to be one whole JSON value.
        json.loads(body, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return None
    return body if has_json_type(event) else None


def _structured_json(context: Context, event: CloudEvent) -> str | None:
    members = _members(context)
    if "data_base64" in members:
        is_json = has_json_type(event) and not isinstance(event.data, bytes)
        return json.dumps(event.data, allow_nan=False) if is_json else None
    text = members["data"].text if "data" in members else "null"
    if "NaN" in text or "Infinity" in text:
        json.loads(text, parse_constant=refuse_constant)
    return text


def refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(f"{name} is no JSON")
