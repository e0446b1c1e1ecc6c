"""The one place that turns what a handler gives or raises into an answer that a Broker understands.

https://github.com/knative/specs/blob/main/specs/eventing/data-plane.md says what a Broker makes of
an answer: 404, 408, 409, 429 and 5xx are tried again, other 4xx go to the dead letters, and a 2xx
with a body that is no CloudEvent is a failure.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cloudevents.conversion import to_structured
from cloudevents.http import CloudEvent

from dora.caching import economical
from dora.causes import note_cause
from dora.errors import (
    DoraError,
    ForbiddenError,
    NoCloudEventError,
    NotFoundError,
    PermanentError,
    TemporaryError,
    UnauthorizedError,
    UnknownShapeError,
)
from dora.events import require_event
from dora.limits import alone_if_large
from dora.refused import report_of
from dora.tracing import pass_on, trace_of
from dora.ways import pass_way_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from dora.context import Context

    Emitted = CloudEvent | list[CloudEvent] | None
    # What a webhook became, and a remark for its sender: why nothing may become of it, or "".
    Received = tuple[list[CloudEvent], str]

log = logging.getLogger(__name__)

Answer = tuple[str | bytes | Iterator[str], int, dict[str, str]]
TEXT = {"content-type": "text/plain; charset=utf-8"}
DONE: Answer = ("", 204, {})
# A Broker passes on 1024 characters of base64; Knative 0.48's in-memory one breaks at longer answers.
MAX_SENTENCE_BYTES = 768
# What a transformer replies that does not know the shape of an event: kept like the event itself.
UNKNOWN = "dev.dora.unknown"
UNAUTHORIZED = 401
CHALLENGE = {"www-authenticate": "Bearer"}
STATUS: dict[type[DoraError], int] = {
    UnauthorizedError: UNAUTHORIZED,
    ForbiddenError: 403,
    NotFoundError: 404,
    PermanentError: 400,
    TemporaryError: 503,
}
BUG = "the function failed on this request; its log says why"


def on_event(handler: Callable[[Context], Emitted]) -> Callable[[Context], Answer]:
    """Make a handler of CloudEvents a function that answers the Broker.

    The handler finds the event in `context.cloud_event`. What it returns is emitted: one event is
    the reply, several are sent to the sink; None or an empty list means done. It raises
    PermanentError (422), TemporaryError (503) or UnknownShapeError, which becomes an event UNKNOWN.
    """

    @answering
    @functools.wraps(handler)
    def main(context: Context) -> Answer:
        event = context.cloud_event = require_event(context.request)
        try:
            emitted = handler(context)
        except UnknownShapeError as error:
            # Of such a report nothing more is said: with a Broker that filters nothing it would go round.
            emitted = None if event["type"] == UNKNOWN else _unknown(event, error)
        events = emitted if isinstance(emitted, list) else [emitted] if emitted else []
        pass_on(trace_of(event.get_attributes(), context.request.headers), events)
        pass_way_on(event, events)
        note_cause(event, context.request.headers, events)
        return _emit(events)

    return main


def _unknown(event: CloudEvent, error: UnknownShapeError) -> CloudEvent:
    """Make the event which says that nothing became of another one; its source is the same."""
    attributes = {"type": UNKNOWN, "source": event["source"], "id": f"{event['id']}/unknown"}
    because = {"type": event["type"], "because": str(error)}
    return CloudEvent(attributes | {"datacontenttype": "application/json"}, because)


def answering(answer: Callable[[Context], Answer]) -> Callable[[Context], Answer]:
    """Turn what is raised on the way to an answer into one that a Broker understands."""

    @functools.wraps(answer)
    def main(context: Context) -> Answer:
        try:
            return answer(context)
        except NoCloudEventError as error:
            return _sentence(error, 400)
        except PermanentError as error:
            return _sentence(error, 422)
        except TemporaryError as error:
            return _sentence(error, 503)
        except Exception:
            log.exception("no answer to this event")
            return BUG, 500, TEXT

    return main


def on_webhook(handler: Callable[[Context], Received]) -> Callable[[Context], Answer]:
    """Make a handler of webhooks a function that answers 202 once the Broker has the events.

    It returns them with a remark, which is the answer's body. It raises UnauthorizedError (401, and
    nothing more), NotFoundError (404), PermanentError (400) or TemporaryError (503).
    """

    @functools.wraps(handler)
    def main(context: Context) -> Answer:
        try:
            if context.request.method != "POST":
                refused = _sentence(f"expected POST, got {context.request.method}", 405)
                return _allowing("POST", refused)
            with alone_if_large(context.request.content_length or 0):
                events, remark = handler(context)
                pass_on(trace_of(context.request.headers), events)
                for event in events:
                    _send_or_report(event)
        except UnauthorizedError as error:
            return _sentence(error, 401, told="")
        except DoraError as error:
            return _sentence(error, _status(error))
        except Exception:
            log.exception("no answer to POST %s", context.request.path)
            return _sentence(BUG, 500)
        return remark.encode()[:MAX_SENTENCE_BYTES], 202, TEXT if remark else {}

    return main


def _status(error: DoraError) -> int:
    """Return the status of an answer to what is no event."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def on_get(handler: Callable[[Context], Answer | str]) -> Callable[[Context], Answer]:
    """Make a handler that returns JSON text, or an answer, a function that answers GET.

    Errors are JSON too. What is asked for again is not sent again where it is the same, and what is
    long is compressed: dora.caching.

    It raises UnauthorizedError (401), ForbiddenError (403), NotFoundError (404), PermanentError (400)
    or TemporaryError (503).
    """

    @functools.wraps(handler)
    def main(context: Context) -> Answer:
        return economical(context.request, _got(handler, context))

    return main


def _got(handler: Callable[[Context], Answer | str], context: Context) -> Answer:
    try:
        if context.request.method not in ("GET", "HEAD"):
            refused = _json_error(f"expected GET, got {context.request.method}", 405)
            return _allowing("GET, HEAD", refused)
        return _answered(handler(context))
    except DoraError as error:
        body, status, headers = _json_error(error, _status(error))
        return body, status, headers | (CHALLENGE if status == UNAUTHORIZED else {})
    except Exception:
        log.exception("no answer to GET %s", context.request.path)
        return _json_error(BUG, 500)


def _answered(answer: Answer | str) -> Answer:
    if isinstance(answer, str):
        return answer, 200, {"content-type": "application/json"}
    return answer


def _emit(events: list[CloudEvent]) -> Answer:
    if len(events) != 1:
        _send(events)
        return DONE
    # In structured mode, because a header cannot hold every character that an attribute can.
    headers, body = to_structured(events[0])
    return body, 200, headers | trace_of(events[0].get_attributes())


def _send_or_report(event: CloudEvent) -> None:
    """Send a webhook's event; of one that the sink refuses, the dead letters have to know."""
    try:
        _send([event])
    except PermanentError as error:
        _report(event, error)
        raise


def _report(event: CloudEvent, error: PermanentError) -> None:
    """Report a refused event with all of it, or with its type and id where that is refused, too."""
    with contextlib.suppress(TemporaryError):
        for whole in (True, False):
            with contextlib.suppress(PermanentError):
                _send([report_of(event, error, whole=whole)])
                return


def _send(events: list[CloudEvent]) -> None:
    if events:
        from dora.sink import send  # noqa: PLC0415 - only functions that send have its client

        send(events)


def _sentence(error: Exception | str, status: int, told: str | None = None) -> Answer:
    # What came may hold halves of characters, which no log can take either.
    because = str(error).encode(errors="replace")
    log.warning("%d: %s", status, because.decode())
    sentence = because if told is None else told.encode()
    return sentence[:MAX_SENTENCE_BYTES], status, TEXT


def _allowing(methods: str, refused: Answer) -> Answer:
    """Name beside a 405 which methods there are: https://www.rfc-editor.org/rfc/rfc9110#name-allow."""
    body, status, headers = refused
    return body, status, {**headers, "allow": methods}


def _json_error(error: Any, status: int) -> Answer:
    return json.dumps({"error": str(error)}), status, {"content-type": "application/json"}
