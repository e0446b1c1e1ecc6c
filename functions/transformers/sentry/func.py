"""Turn Sentry's alerts into incidents.

https://docs.sentry.io/organization/integrations/integration-platform/webhooks/ has the events. A metric
alert is an incident while it is critical. An issue is one from when an alert rule says so, until it is
resolved or archived; most issues never are.
"""

from __future__ import annotations

import re
from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.function import on_event
from dora.tools.incidents import happened
from dora.tools.payloads import get, listed, require_object, text, time, time_or_none, word
from dora.tools.services import Where, affected
from dora.tools.shapes import require_known, shape_of

TYPES = "dev.dora.webhooks.sentry."
OVER = ("resolved", "archived", "ignored")  # ignored is what archived was called before
PROJECT = re.compile(r"/projects/[^/]+/([^/]+)/")


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the beginning or the end of an incident; most events mean nothing."""
    event = context.cloud_event
    payload = require_object(event)
    require_known(shape_of("sentry", event["type"]), payload)
    cdevent_of = EVENTS.get(event["type"].removeprefix(TYPES))
    return cdevent_of(event["source"], payload) if cdevent_of else None


def metric_alert(source: str, payload: Any) -> CloudEvent | None:
    """A metric alert that gets critical, or is over; it has an id of its own each time."""
    found = get(payload, "data", "metric_alert")
    predicate = {"critical": "detected", "resolved": "resolved"}.get(str(get(payload, "action")))
    if predicate is None:
        return None
    began = time_or_none(found, "date_detected") or time_or_none(found, "date_started")
    ended = time_or_none(found, "date_closed")
    moments = {"detected": began, "resolved": ended}
    return happened(
        predicate,
        f"metric-alert/{text(found, 'id')}",
        where_of_rule(found),
        source=source,
        time=moments[predicate] or time(payload, "sentryHookTimestamp"),
        title=word(found, "alert_rule", "name") or word(found, "title"),
        url=word(payload, "data", "web_url"),
    )


def where_of_rule(found: Any) -> Where:
    """Return the first project that a metric alert watches, with the environment of its rule."""
    projects = listed(found, "projects") or listed(found, "alert_rule", "projects")
    service = next((one for one in projects if isinstance(one, str) and one), None)
    return affected(service=service, environment_id=word(found, "alert_rule", "environment"))


def event_alert(source: str, payload: Any) -> CloudEvent | None:
    """An alert rule fires on an event of an issue; when it fires again the incident goes on."""
    found = get(payload, "data", "event")
    if get(payload, "action") != "triggered":
        return None
    project = PROJECT.search(word(found, "url") or "")
    tagged = (one for one in listed(found, "tags") if isinstance(one, list))
    environment = next(
        (one[1:2] for one in tagged if one[:1] == ["environment"] and one[1:]), [None]
    )
    return happened(
        "detected",
        f"issue/{text(found, 'issue_id')}",
        affected(
            service=project[1] if project else None,
            environment_id=word(found, "environment") or word({"tag": environment[0]}, "tag"),
        ),
        source=source,
        time=time(found, "datetime"),
        title=word(found, "title"),
        url=word(found, "web_url"),
    )


def issue(source: str, payload: Any) -> CloudEvent | None:
    """An issue that is resolved or archived; Sentry says when only beside the event."""
    found = get(payload, "data", "issue")
    if get(payload, "action") not in OVER:
        return None
    return happened(
        "resolved",
        f"issue/{text(found, 'id')}",
        affected(service=word(found, "project", "slug")),
        source=source,
        time=time(payload, "sentryHookTimestamp"),
        title=word(found, "title"),
        url=word(found, "web_url") or word(found, "permalink"),
    )


EVENTS = {"metric_alert": metric_alert, "event_alert": event_alert, "issue": issue}
