"""Bring a CDEvent that was posted as plain JSON, of any release, into the form of the newest.

What is sent as a CloudEvent goes straight to the gate, which takes each release as it is: see
docs/adr/0006-older-cdevents-stay-as-they-are.md.
"""

from __future__ import annotations

from cloudevents.http import CloudEvent
from parliament import Context

from dora.cdevents import carrier
from dora.function import on_event
from dora.tools.older_cdevents import renewed

POSTED = "dev.dora.webhooks.generic"


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the same event in the newest release; its source and id stay."""
    event = context.cloud_event
    return carrier(renewed(event.data)) if event["type"] == POSTED else None
