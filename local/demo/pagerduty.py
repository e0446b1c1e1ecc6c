"""What PagerDuty reports of an incident.

https://developer.pagerduty.com/docs/webhooks-overview
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.demo.releases import sha
from local.demo.report import Report, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from local.demo.releases import Incident


def reports(incident: Incident) -> Iterator[Report]:
    """Return what is sent of an incident: that it is triggered, and that it is resolved."""
    yield _report(incident, "triggered", incident.detected)
    yield _report(incident, "resolved", incident.resolved)


def _report(incident: Incident, what: str, when: datetime) -> Report:
    service, name = incident.service.name, f"Q{sha(incident.name)[:13].upper()}"
    data = {
        "id": name,
        "type": "incident",
        "html_url": f"https://pagerduty.demo.example/incidents/{name}",
        "created_at": rfc3339(incident.detected),
        "title": f"{service} {incident.title}",
        "status": what,
        "service": {"id": f"P{sha(service)[:6].upper()}", "summary": service},
    }
    event_id, kind = f"{name}-{what}", f"incident.{what}"
    event = {
        "id": event_id,
        "event_type": kind,
        "occurred_at": rfc3339(when),
        "data": data,
    }
    return Report(when, "pagerduty", kind, event_id, {"event": event})
