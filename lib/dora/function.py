"""The one place that turns what a handler gives or raises into an answer that a Broker understands.

https://github.com/knative/specs/blob/main/specs/eventing/data-plane.md says what a Broker makes of
an answer: 404, 408, 409, 429 and 5xx are tried again, other 4xx go to the dead letters, and a 2xx
with a body that is no CloudEvent is a failure.
"""

from __future__ import annotations

import functools
import json
import logging
from typing import TYPE_CHECKING, Any

from cloudevents.conversion import to_structured

from dora.errors import NoCloudEventError, NotFoundError, PermanentError, TemporaryError
from dora.events import require_cloudevent

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloudevents.http import CloudEvent
    from parliament import Context

log = logging.getLogger(__name__)

Answer = tuple[str | bytes, int, dict[str, str]]
DONE: Answer = ("", 204, {})
BUG = "the function failed on this request; its log says why"


def on_event(handler: Callable[[Context], CloudEvent | None]) -> Callable[[Context], Answer]:
    """Make a handler of CloudEvents a function that answers the Broker.

    The handler finds the event in `context.cloud_event`. What it returns is emitted; None means
    done. It raises PermanentError (422) or TemporaryError (503).
    """

    @answering
    @functools.wraps(handler)
    def main(context: Context) -> Answer:
        context.cloud_event = require_cloudevent(context)
        return _emit(handler(context))

    return main


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
            return BUG, 500, {"content-type": "text/plain; charset=utf-8"}

    return main


def on_get(handler: Callable[[Context], str]) -> Callable[[Context], Answer]:
    """Make a handler that returns JSON text a function that answers GET, errors as JSON too.

    It raises NotFoundError (404), PermanentError (400) or TemporaryError (503).
    """

    @functools.wraps(handler)
    def main(context: Context) -> Answer:
        try:
            if context.request.method not in ("GET", "HEAD"):
                return _json_error(f"expected GET, got {context.request.method}", 405)
            return handler(context), 200, {"content-type": "application/json"}
        except NotFoundError as error:
            return _json_error(error, 404)
        except PermanentError as error:
            return _json_error(error, 400)
        except TemporaryError as error:
            return _json_error(error, 503)
        except Exception:
            log.exception("no answer to GET %s", context.request.path)
            return _json_error(BUG, 500)

    return main


def _emit(event: CloudEvent | None) -> Answer:
    if event is None:
        return DONE
    # In structured mode, because a header cannot hold every character that an attribute can.
    headers, body = to_structured(event)
    return body, 200, headers


def _sentence(error: Exception, status: int) -> Answer:
    log.warning("%d: %s", status, error)
    return str(error), status, {"content-type": "text/plain; charset=utf-8"}


def _json_error(error: Any, status: int) -> Answer:
    return json.dumps({"error": str(error)}), status, {"content-type": "application/json"}
