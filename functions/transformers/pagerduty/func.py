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
from dora.cdevents.corrections import correction
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


# Sent when somebody sets the custom fields of an incident, which is only named there.
FIELDS_SET = "incident.custom_field_values.updated"
# Sent when somebody finds that an incident is of another service.
SERVICE_CHANGED = "incident.service_updated"
INCIDENTS = "https://api.pagerduty.com/incidents/"


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit the beginning, the end and the return of an incident; its id is PagerDuty's."""
    require_known("pagerduty", context.cloud_event.data)
    source, told = context.cloud_event["source"], fields(context.cloud_event.data, "event")
    happening, incident = word(told, "event_type") or "", fields(told, "data")
    if happening == FIELDS_SET:
        return placed(source, told)
    if happening == SERVICE_CHANGED:
        return moved(source, told)
    if happening not in HAPPENINGS:
        return []
    predicate, path = HAPPENINGS[happening]
    where, moment = affected(incident), time(told, *path)
    content = where.content | {"description": word(incident, "title") or ""}
    dora = where.dora | {"url": word(incident, "html_url"), "mergedInto": merged_into(incident)}
    return [made(predicate, source, text(incident, "id"), happening, moment, content, dora)]


def placed(source: str, told: dict[str, Any]) -> list[CloudEvent]:
    """Report the environment that custom fields say, and by a correction the service."""
    incident, moment = text(told, "data", "incident", "id"), time(told, "occurred_at")
    service, environment = said(listed(told, "data", "custom_fields"))
    page = word(told, "data", "incident", "html_url") or f"{INCIDENTS}{incident}"
    content = services.environment(environment).content | {"ticketURI": page}
    because = "a custom field of the incident says it"
    return [
        *([corrected(source, incident, service, because, moment)] if service else []),
        *(
            [made("reported", source, incident, FIELDS_SET, moment, content, {})]
            if environment
            else []
        ),
    ]


def moved(source: str, told: dict[str, Any]) -> list[CloudEvent]:
    """Report by a correction that an incident is of another service; custom fields go before that."""
    data, because = fields(told, "data"), "the incident was moved to it"
    name = word(data, "service", "summary")
    if said(listed(data, "custom_fields"))[0] or not name:
        return []
    return [corrected(source, text(data, "id"), name, because, time(told, "occurred_at"))]


def corrected(source: str, incident: str, service: str, because: str, moment: str) -> CloudEvent:
    """Make the correction of an incident's service."""
    content = {"incident": {"id": incident, "source": source}, "service": service}
    return correction(content | {"by": "PagerDuty", "because": because}, moment)


def made(  # noqa: PLR0913, PLR0917 - an incident has this many facts
    predicate: str,
    source: str,
    incident: str,
    happening: str,
    moment: str,
    content: dict[str, Any],
    dora: dict[str, Any],
) -> CloudEvent:
    """Make the CDEvent of something that happened to an incident."""
    return cdevents.build(
        f"incident.{predicate}",
        identity=(incident, happening, moment),
        source=source,
        time=moment,
        subject_id=incident,
        content=content,
        dora=dora,
    )


def merged_into(incident: dict[str, Any]) -> str | None:
    """Return the incident that it became a part of, where that is why it is resolved."""
    reason = fields(incident, "resolve_reason")
    is_merged = word(reason, "type") == "merge_resolve_reason"
    return word(reason, "incident", "id") if is_merged else None


def affected(incident: dict[str, Any]) -> services.Where:
    """Return the service and environment of its custom fields, else which of PagerDuty's it is."""
    service, environment = said(listed(incident, "custom_fields"))
    name = service or word(incident, "service", "summary")
    number = None if service else word(incident, "service", "id")
    return services.affected(number, name, service=name, environment_id=environment)


def said(custom: list[Any]) -> tuple[str | None, str | None]:
    """Return the service and the environment that custom fields say."""
    service = named(custom, *settings("SERVICE_FIELDS", "service"))
    return service, named(custom, *settings("ENVIRONMENT_FIELDS", "environment"))
