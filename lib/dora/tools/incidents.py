"""Incidents that people keep as issues: which issues are some, and where they happened.

Environment: INCIDENT_LABELS (incident), several separated by commas; INCIDENT_ENVIRONMENT
(production) and INCIDENT_SERVICE (the repository's name), where no label says it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dora.settings import incident_environment, incident_labels, incident_service

if TYPE_CHECKING:
    from collections.abc import Iterable

WHERE = re.compile(r"(environment|service)::?\s*(\S.*)", re.IGNORECASE)


def is_incident(labels: Iterable[str]) -> bool:
    """Tell whether one of the labels says that this is an incident."""
    wanted = {label.casefold() for label in incident_labels()}
    return not wanted.isdisjoint(label.strip().casefold() for label in labels)


def incident_content(
    labels: Iterable[str], *, repository: str, title: str | None
) -> dict[str, Any]:
    """Give the content of the incident's CDEvents.

    Labels `environment:staging` and `service:shop` (or with `::`) say where it happened.
    """
    found = [match.groups() for label in labels if (match := WHERE.fullmatch(label.strip()))]
    told = {name.lower(): value.strip() for name, value in reversed(found)}
    environment = told.get("environment") or incident_environment()
    service = told.get("service") or incident_service()
    content: dict[str, Any] = {
        "environment": {"id": environment},
        "service": {"id": service or repository.rpartition("/")[2]},
    }
    return content | ({"description": title} if title else {})
