"""Turn PagerDuty's incidents into CDEvents.

https://developer.pagerduty.com/docs/webhooks-overview has the events. Which service and
environment a service of PagerDuty's stands for is the catalog's business, by its id or its name.
Settings:
    SERVICE_FIELDS, ENVIRONMENT_FIELDS  the custom fields that say it, the first that is set
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.settings import settings
from dora.tools import services
from dora.tools.payloads import fields, listed, named, text, time, word
from dora.tools.shapes import require_known

# What happened to an incident → the CDEvent, and where the moment is reported.
HAPPENINGS = {
    "incident.triggered": ("detected", ("data", "created_at")),
    "incident.reopened": ("detected", ("occurred_at",)),
    "incident.resolved": ("resolved", ("occurred_at",)),
}


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the beginning, the end and the return of an incident; its id is PagerDuty's."""
    require_known("pagerduty", context.cloud_event.data)
    told = fields(context.cloud_event.data, "event")
    happening = word(told, "event_type") or ""
    if happening not in HAPPENINGS:
        return None
    predicate, path = HAPPENINGS[happening]
    moment, incident = time(told, *path), fields(told, "data")
    where = affected(incident)
    return cdevents.build(
        f"incident.{predicate}",
        identity=(text(incident, "id"), happening, moment),
        source=context.cloud_event["source"],
        time=moment,
        subject_id=text(incident, "id"),
        content=where.content | {"description": word(incident, "title") or ""},
        dora=where.dora | {"url": word(incident, "html_url"), "mergedInto": merged_into(incident)},
    )


def merged_into(incident: dict[str, Any]) -> str | None:
    """Return the incident that it became a part of, where that is why it is resolved."""
    reason = fields(incident, "resolve_reason")
    is_merged = word(reason, "type") == "merge_resolve_reason"
    return word(reason, "incident", "id") if is_merged else None


def affected(incident: dict[str, Any]) -> services.Where:
    """Return the service and environment of its custom fields, else which of PagerDuty's it is."""
    custom = listed(incident, "custom_fields")
    said = named(custom, *settings("SERVICE_FIELDS", "service"))
    name = said or word(incident, "service", "summary")
    number = None if said else word(incident, "service", "id")
    environment = named(custom, *settings("ENVIRONMENT_FIELDS", "environment"))
    return services.affected(number, name, service=name, environment_id=environment)
