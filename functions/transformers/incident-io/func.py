"""Turn incident.io's incidents into CDEvents.

https://docs.incident.io/integrations/webhooks has the events. An incident is one from when somebody
accepted it: what is only looked at (triage), and then declined, is none. Settings:
    SERVICE_FIELDS, ENVIRONMENT_FIELDS  the custom fields that say where, the first that is there
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.function import on_event
from dora.settings import settings
from dora.tools.incidents import happened
from dora.tools.payloads import get, listed, require_object, text, time, time_or_none, word
from dora.tools.services import Where, affected
from dora.tools.shapes import require_known

# What is live was called active before; declined, canceled and merged end an incident, too.
OPEN, OVER = ("live", "active", "paused"), ("learning", "closed")
DRILLS = ("test", "tutorial")


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit the beginning, the end and the return of an incident."""
    event = context.cloud_event
    payload = require_object(event)
    require_known("incident-io", payload)
    kind = word(payload, "event_type") or ""
    cdevents_of = EVENTS.get(kind)
    return cdevents_of(event["source"], get(payload, kind)) if cdevents_of else []


def created(source: str, incident: Any) -> list[CloudEvent]:
    """Report an incident that is open, or was already over when it was written down."""
    category = get(incident, "incident_status", "category")
    if category in OPEN:
        return of(source, incident, detected=began(incident))
    if category not in OVER:
        return []
    ended = stamp(incident, "Resolved at") or time(incident, "updated_at")
    return of(source, incident, detected=began(incident), resolved=ended)


def updated(source: str, told: Any) -> list[CloudEvent]:
    """Report what a change of the status means."""
    incident, was = get(told, "incident"), get(told, "previous_status", "category")
    now, moment = get(told, "new_status", "category"), time(told, "incident", "updated_at")
    is_first = was == "triage"
    if now in OPEN and was not in OPEN:
        return of(source, incident, detected=began(incident) if is_first else moment)
    if was in OPEN and now not in (*OPEN, "triage"):
        return of(source, incident, resolved=moment)
    if is_first and now in OVER:
        return of(source, incident, detected=began(incident), resolved=moment)
    return []


def of(
    source: str, incident: Any, *, detected: str | None = None, resolved: str | None = None
) -> list[CloudEvent]:
    """Make the CDEvents of an incident that is detected, resolved or both; of a drill none."""
    moments = {"detected": detected, "resolved": resolved}
    if get(incident, "mode") in DRILLS:
        return []
    return [
        happened(
            predicate,
            text(incident, "id"),
            where_of(incident),
            source=source,
            time=moment,
            title=word(incident, "name"),
            url=word(incident, "permalink"),
        )
        for predicate, moment in moments.items()
        if moment
    ]


def began(incident: Any) -> str:
    """Return when it was reported, which may be before it was written down."""
    return stamp(incident, "Reported at") or time(incident, "created_at")


def stamp(incident: Any, name: str) -> str | None:
    """Return one of the incident's timestamps, by its name in upper or lower case."""
    stamps = listed(incident, "incident_timestamp_values")
    called = {str(get(one, "incident_timestamp", "name")).casefold(): one for one in stamps}
    return time_or_none(called.get(name.casefold()), "value", "value")


def where_of(incident: Any) -> Where:
    """Return what its custom fields say; of several services the first."""
    service = custom(incident, settings("SERVICE_FIELDS", "Service,Services,Affected services"))
    environment = custom(incident, settings("ENVIRONMENT_FIELDS", "Environment,Environments"))
    return affected(service=service, environment_id=environment)


def custom(incident: Any, names: list[str]) -> str | None:
    """Return the first value of the first of these custom fields that has one."""
    entries = listed(incident, "custom_field_entries")
    values = {
        word(one, "custom_field", "name"): said
        for one in reversed(entries)
        if (said := next(filter(None, map(said_by, listed(one, "values"))), None))
    }
    return next((values[name] for name in names if name in values), None)


def said_by(value: Any) -> str | None:
    """Return a custom field's value: an entry of the catalog, an option, or text."""
    entry, option = word(value, "value_catalog_entry", "name"), word(value, "value_option", "value")
    return entry or option or word(value, "value_text")


EVENTS = {
    "public_incident.incident_created_v2": created,
    "public_incident.incident_status_updated_v2": updated,
}
