"""Send CloudEvents to the sink that a SinkBinding names in K_SINK: the Broker.

For those who cannot reply with their event: the webhooks endpoint, whose senders are no Broker, and a
transformer that makes several CDEvents of one event.
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from cloudevents.conversion import to_structured

from dora.errors import PermanentError, TemporaryError
from dora.tracing import trace_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudevents.http import CloudEvent

log = logging.getLogger(__name__)

# PagerDuty waits for five seconds.
CONNECT_SECONDS, ANSWER_SECONDS = 1, 3
# What the data plane of Knative tries again, beside 5xx.
AGAIN = (404, 408, 409, 425, 429)
SERVER_ERROR = 500
# Where a SinkBinding puts the token by which a Broker knows who sends, where Knative asks for that.
TOKEN = Path("/oidc/token")
_own = threading.local()


def send(events: Iterable[CloudEvent]) -> None:
    """Send each event; when this returns, the sink has taken all of them.

    Raises:
        TemporaryError: the sink is away or asks for another try; some may have been taken.
        PermanentError: the sink refuses an event.
    """
    for event in events:
        _require_taken(_post(event))


def _post(event: CloudEvent) -> requests.Response:
    sink = os.environ.get("K_SINK")
    if not sink:
        raise TemporaryError("expected K_SINK to name the Broker; a SinkBinding sets it")
    headers, body = to_structured(event)
    headers |= trace_of(event.get_attributes()) | _authorization()
    try:
        return _post_again_if_hung_up(sink, headers, body)
    except requests.RequestException as error:
        log.warning("no answer from %s: %s", sink, error)
        raise TemporaryError("the Broker is away") from error


def _authorization() -> dict[str, str]:
    """Return the header with the token, read anew for each event, for a kubelet replaces it."""
    try:
        return {"authorization": f"Bearer {TOKEN.read_text().strip()}"}
    except OSError:
        return {}


def _post_again_if_hung_up(sink: str, headers: dict[str, str], body: bytes) -> requests.Response:
    """Post; once more if the kept connection had been closed meanwhile. Ids make that harmless."""
    seconds = (CONNECT_SECONDS, ANSWER_SECONDS)
    try:
        return _session().post(sink, body, headers=headers, timeout=seconds)
    except requests.Timeout:
        raise
    except requests.ConnectionError:
        return _session().post(sink, body, headers=headers, timeout=seconds)


def _session() -> requests.Session:
    """Return this thread's session; requests does not promise that threads may share one."""
    if not hasattr(_own, "session"):
        _own.session = requests.Session()
        _own.session.trust_env = False  # the Broker is in the cluster, behind no proxy
    session: requests.Session = _own.session
    return session


def close() -> None:
    """Close this thread's connections."""
    if hasattr(_own, "session"):
        _own.session.close()
        del _own.session


def may_pass(status: int) -> bool:
    """Say whether a Broker that answers so may take the event later: it may come, or come to itself."""
    return status >= SERVER_ERROR or status in AGAIN


def _require_taken(response: requests.Response) -> None:
    if response.ok:
        return
    log.warning("the Broker answered %d: %.200s", response.status_code, response.text)
    if may_pass(response.status_code):
        raise TemporaryError(f"the Broker answers {response.status_code}")
    raise PermanentError(f"the Broker refuses this event with {response.status_code}")
