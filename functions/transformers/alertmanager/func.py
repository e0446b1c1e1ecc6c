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
    where, called = affected(alert), description(alert)
    return cdevents.build(
        f"incident.{predicate}",
        identity=(incident, predicate),
        source=context.cloud_event["source"],
        time=time(alert, field),
        subject_id=incident,
        content=where.content | ({"description": called} if called else {}),
        dora=where.dora | {"url": word(alert, "generatorURL")},
    )


def ignored() -> list[str]:
    """Give the severities that wake nobody, such as that of the alert which always fires."""
    return settings("IGNORED_SEVERITIES", "none,info")


def affected(alert: Any) -> services.Where:
    """Return the service and environment that its labels say."""
    service = label(alert, settings("SERVICE_LABELS", "service,app"))
    where = label(alert, settings("ENVIRONMENT_LABELS", "environment,namespace"))
    return services.affected(service=service, environment_id=where)


def description(alert: Any) -> str | None:
    """Return what the alert is called."""
    return word(alert, "annotations", "summary") or label(alert, ["alertname"])


def label(alert: Any, names: list[str]) -> str | None:
    """Give the first of these labels that is there."""
    return next(filter(None, (word(alert, "labels", name) for name in names)), None)
