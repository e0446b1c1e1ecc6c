"""Turn alerts of Datadog's monitors into incidents.

https://docs.datadoghq.com/integrations/webhooks/ has the variables of a webhook, whose payload is one's
own: sources/datadog/README.md says what it has to be. What a monitor does not know it leaves as it is
written there (`$ALERT_PRIORITY`), or empty.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.errors import PermanentError
from dora.function import on_event
from dora.tools.incidents import happened, is_ignored, places
from dora.tools.payloads import require_object, time, word
from dora.tools.services import Where, affected
from dora.tools.shapes import require_known

# What happened to a monitor → the CDEvent. A warning, missing data and reminders are none.
TRANSITIONS = {"Triggered": "detected", "Recovered": "resolved"}
TEST = "[TEST]"  # what begins the title of a notification that somebody sends to try a monitor


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the beginning and the end of an alert; what returns has another cycle."""
    event = context.cloud_event
    payload = require_object(event)
    require_known("datadog", payload)
    predicate = TRANSITIONS.get(said(payload, "alert_transition") or "")
    title = said(payload, "event_title") or said(payload, "alert_title") or ""
    is_test = title.startswith(TEST)
    if predicate is None or is_test or is_ignored(said(payload, "alert_priority")):
        return None
    return happened(
        predicate,
        cycle(payload),
        where_of(payload),
        source=event["source"],
        time=time(payload, "date"),
        title=said(payload, "alert_title") or title or None,
        url=said(payload, "link"),
    )


def cycle(payload: Any) -> str:
    """Return what joins all that a monitor says of one group, from when it triggers to its recovery."""
    key = said(payload, "alert_cycle_key")
    if key is None:
        raise PermanentError("expected alert_cycle_key to be that of a monitor's alert, got none")
    return key


def where_of(payload: Any) -> Where:
    """Return what the monitor's tags and the group that it watches say."""
    tags = [said(payload, name) or "" for name in ("tags", "alert_scope")]
    found = places(",".join(tags).split(","))
    return affected(service=found.get("service"), environment_id=found.get("environment"))


def said(payload: Any, name: str) -> str | None:
    """Return a value; None for a variable that the monitor did not know."""
    found = word(payload, name)
    return None if found is None or found.startswith("$") else found
