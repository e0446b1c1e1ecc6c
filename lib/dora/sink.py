"""Posting events to the Broker, for functions that make several of one.

A SinkBinding gives `K_SINK`: https://knative.dev/docs/eventing/custom-event-source/sinkbinding/
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from cloudevents.conversion import to_structured

from dora.errors import TemporaryError

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

SECONDS = 10


def send(event: CloudEvent) -> None:
    """Post an event to K_SINK in structured mode.

    Raises:
        TemporaryError: there is no K_SINK, or the Broker has not taken the event.
    """
    sink = os.environ.get("K_SINK", "")
    if not sink.startswith(("http://", "https://")):
        raise TemporaryError(f"expected K_SINK to be the Broker's address, got {sink!r:.80}")
    headers, body = to_structured(event)
    request = urllib.request.Request(sink, body, headers)  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - checked above
            pass
    except (urllib.error.URLError, OSError) as error:
        raise TemporaryError(f"the Broker has not taken an event: {error}") from error
