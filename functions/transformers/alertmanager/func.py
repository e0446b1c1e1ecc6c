"""Turn alerts of Prometheus' Alertmanager into incidents.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config has the fields of an alert.
Settings:
    SERVICE_LABELS, ENVIRONMENT_LABELS  the labels that tell it, the first that is there
    IGNORED_SEVERITIES                  the severities that are no incident
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.settings import settings
from dora.tools import services
from dora.tools.payloads import text, time, word

# The status of an alert → the CDEvent, and where the moment is told.
HAPPENINGS = {"firing": ("detected", "startsAt"), "resolved": ("resolved", "endsAt")}


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the beginning or the end of what an alert tells; told again, it is the same event."""
    alert = context.cloud_event.data
    status = word(alert, "status")
    if status not in HAPPENINGS or label(alert, ["severity"]) in ignored():
        return None
    predicate, field = HAPPENINGS[status]
    incident = f"{text(alert, 'fingerprint')}/{time(alert, 'startsAt')}"
    return cdevents.build(
        f"incident.{predicate}",
        identity=(incident, predicate),
        source=context.cloud_event["source"],
        time=time(alert, field),
        subject_id=incident,
        content=about(alert),
        dora={"url": word(alert, "generatorURL")},
    )


def ignored() -> list[str]:
    """Give the severities that wake nobody, such as that of the alert which always fires."""
    return settings("IGNORED_SEVERITIES", "none,info")


def about(alert: Any) -> dict[str, Any]:
    """Give the service and environment, and what the alert is called."""
    service = label(alert, settings("SERVICE_LABELS", "service,app"))
    where = label(alert, settings("ENVIRONMENT_LABELS", "environment,namespace"))
    told = word(alert, "annotations", "summary") or label(alert, ["alertname"])
    content = services.affected(service, service=service, environment_id=where)
    return content | ({"description": told} if told else {})


def label(alert: Any, names: list[str]) -> str | None:
    """Give the first of these labels that is there."""
    return next(filter(None, (word(alert, "labels", name) for name in names)), None)
