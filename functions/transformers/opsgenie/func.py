"""Turn Opsgenie's alerts into incidents.

https://support.atlassian.com/opsgenie/docs/integrate-opsgenie-with-webhook/ has what its webhooks send.
A closed alert never opens again: what returns is another alert.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.function import on_event
from dora.tools.incidents import happened, is_ignored, places
from dora.tools.payloads import fields, listed, text, time, word
from dora.tools.services import Where, affected
from dora.tools.shapes import require_known

# What was done to an alert → the CDEvent, and where the moment is reported.
HAPPENINGS = {
    "Create": ("detected", "createdAt"),
    "Close": ("resolved", "updatedAt"),
    "Delete": ("resolved", "updatedAt"),
}


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the beginning and the end of an alert; one that is deleted is over."""
    event = context.cloud_event
    require_known("opsgenie", event.data)
    action, alert = word(event.data, "action"), fields(event.data, "alert")
    if action not in HAPPENINGS or is_ignored(word(alert, "priority")):
        return None
    predicate, moment = HAPPENINGS[action]
    return happened(
        predicate,
        text(alert, "alertId"),
        where_of(alert),
        source=event["source"],
        time=time(alert, moment),
        title=word(alert, "message"),
    )


def where_of(alert: Any) -> Where:
    """Return what its details say, else its tags, and its entity as a name of the service."""
    tagged = places(tag for tag in listed(alert, "tags") if isinstance(tag, str))
    service = word(alert, "details", "service") or tagged.get("service")
    environment = word(alert, "details", "environment") or tagged.get("environment")
    entity = word(alert, "entity")
    return affected(service, entity, service=service or entity, environment_id=environment)
