"""The trace that an event is part of, passed on to what becomes of it.

It comes as the CloudEvents extensions `traceparent` and `tracestate`, or as the headers of these
names: https://www.w3.org/TR/trace-context/ and
https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md. Events
that are made of another one have its extensions, and the requests that carry them the headers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cloudevents.http import CloudEvent
    from werkzeug.datastructures import Headers

NAMES = ("traceparent", "tracestate")
PARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
STATE = re.compile(r"[ -~]{1,512}")
Trace = dict[str, str]


def trace_of(*places: Mapping[str, object] | Headers) -> Trace:
    """Return the trace in the first of the places that has a valid one; empty where none has."""
    for place in places:
        parent, state = (str(place.get(name) or "") for name in NAMES)
        if PARENT.fullmatch(parent):
            state = state.strip()
            return {"traceparent": parent} | (
                {"tracestate": state} if STATE.fullmatch(state) else {}
            )
    return {}


def pass_on(trace: Trace, events: Iterable[CloudEvent]) -> None:
    """Let events be part of a trace, but those that are part of one already."""
    for event in events:
        if trace and not trace_of(event.get_attributes()):
            for name in NAMES:
                event[name] = trace.get(name)
