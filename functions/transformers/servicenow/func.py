"""Turn ServiceNow's incidents into CDEvents, as a business rule of one's own posts them.

sources/servicenow/README.md has that rule and what it sends: the fields of the table `incident` as
they are stored, with times in UTC that do not say so, and states and priorities as numbers.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.function import on_event
from dora.tools.incidents import happened, is_ignored
from dora.tools.payloads import get, require_object, text, time, word
from dora.tools.services import Where, affected
from dora.tools.shapes import require_known

RESOLVED = "6"
OVER = (RESOLVED, "7", "8")  # and closed, canceled


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit the beginning, the end and the return of an incident."""
    event = context.cloud_event
    incident = require_object(event)
    require_known("servicenow", incident)
    priority = word(incident, "priority")
    if is_ignored(f"P{priority}" if priority else None):
        return []
    return [
        happened(
            predicate,
            text(incident, "sys_id"),
            where_of(incident),
            source=event["source"],
            time=moment,
            title=word(incident, "short_description"),
            url=word(incident, "url"),
        )
        for predicate, moment in moments_of(incident)
    ]


def moments_of(incident: Any) -> list[tuple[str, str]]:
    """Return what the change of an incident means, and when that was."""
    is_over, was_over = (word(incident, name) in OVER for name in ("state", "previous_state"))
    match get(incident, "operation"):
        case "insert":
            began = [("detected", utc(incident, "opened_at"))]
            return began + ([("resolved", ended(incident))] if is_over else [])
        case "update" if is_over and not was_over:
            return [("resolved", ended(incident))]
        case "update" if was_over and not is_over:
            return [("detected", utc(incident, "sys_updated_on"))]
        case "delete" if not is_over:
            return [("resolved", utc(incident, "happened_at"))]
    return []


def ended(incident: Any) -> str:
    """Return when it was resolved; of one that is closed or canceled without that, when it changed."""
    is_resolved = word(incident, "state") == RESOLVED and word(incident, "resolved_at")
    return utc(incident, "resolved_at" if is_resolved else "sys_updated_on")


def utc(incident: Any, name: str) -> str:
    """Return a time as ServiceNow stores it, such as `2026-03-02 10:30:00`."""
    return time({name: f"{word(incident, name)} UTC"}, name)


def where_of(incident: Any) -> Where:
    """Return the business service, also by its configuration item and its group."""
    names = [word(incident, name) for name in ("business_service", "cmdb_ci", "assignment_group")]
    service = next(filter(None, names[:2]), None)
    return affected(*names, service=service, environment_id=word(incident, "environment"))
