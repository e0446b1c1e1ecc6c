"""Turn alerts of Prometheus' Alertmanager into incidents.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config has the fields of an alert.
Settings:
    SERVICE_LABELS, ENVIRONMENT_LABELS  the labels that say it, the first that is there
    EXPORTERS                           what stands in them where it only measures others
    IGNORED_SEVERITIES                  the severities that are no incident
    GROUP_ALERTS                        true: the alerts of one group are one incident
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.settings import matches, setting, settings
from dora.tools import services
from dora.tools.payloads import shortened, text, time, word
from dora.tools.shapes import require_known

# The status of an alert → the CDEvent, and where the moment is reported.
HAPPENINGS = {"firing": ("detected", "startsAt"), "resolved": ("resolved", "endsAt")}
# The workload that an alert is about goes before nothing but a service that is named.
SERVICE_LABELS = "service,app,deployment,statefulset,daemonset,exported_container,container,app_kubernetes_io_name,label_app_kubernetes_io_name"
ENVIRONMENT_LABELS = "environment,exported_namespace,namespace"
EXPORTERS = "*kube-state-metrics*, *exporter*, kubelet, *prometheus*"


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the beginning or the end of what an alert reports; reported again, it is the same event."""
    alert = context.cloud_event.data
    require_known("alertmanager", alert)
    status = word(alert, "status")
    if status not in HAPPENINGS or label(alert, ["severity"]) in ignored():
        return None
    if status == "resolved" and group(alert) and word(alert, "groupStatus") != "resolved":
        return None
    predicate, field = HAPPENINGS[status]
    identity = group(alert) or text(alert, "fingerprint")
    # A group's key has as many labels as its route says.
    incident = shortened(f"{identity}/{time(alert, 'startsAt')}")
    where, called = affected(alert), description(alert)
    return cdevents.build(
        f"incident.{predicate}",
        identity=(incident, predicate),
        source=context.cloud_event["source"],
        time=time(alert, field),
        subject_id=incident,
        content=where.content | ({"description": called} if called else {}),
        dora=where.dora | {"url": word(alert, "generatorURL"), "alert": shortened(identity)},
    )


def ignored() -> list[str]:
    """Return the severities that wake nobody, such as that of the alert which always fires."""
    return settings("IGNORED_SEVERITIES", "none,info")


def group(alert: Any) -> str | None:
    """Return the group that the alert is an incident with, where its alerts are one."""
    return word(alert, "groupKey") if setting("GROUP_ALERTS") == "true" else None


def affected(alert: Any) -> services.Where:
    """Return the service and environment that its labels say."""
    exporters = settings("EXPORTERS", EXPORTERS)
    named = (label(alert, [name]) for name in settings("SERVICE_LABELS", SERVICE_LABELS))
    service = next((one for one in named if one and not matches(one, exporters)), None)
    where = label(alert, settings("ENVIRONMENT_LABELS", ENVIRONMENT_LABELS))
    return services.affected(service=service, environment_id=where)


def description(alert: Any) -> str | None:
    """Return what the alert is called."""
    return word(alert, "annotations", "summary") or label(alert, ["alertname"])


def label(alert: Any, names: list[str]) -> str | None:
    """Return the first of these labels that is there."""
    return next(filter(None, (word(alert, "labels", name) for name in names)), None)
