"""Incidents that people keep as issues: which issues are some, and where they happened.

Environment: INCIDENT_LABELS (incident), several separated by commas; INCIDENT_ENVIRONMENT
(production) and INCIDENT_SERVICE (the repository's name), where no label says it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

WHERE = re.compile(r"(environment|service)::?\s*(\S.*)", re.IGNORECASE)


def incident_labels() -> list[str]:
    """Give the labels that make an issue an incident, as the setting writes them."""
    labels = os.environ.get("INCIDENT_LABELS", "incident").split(",")
    return [label.strip() for label in labels if label.strip()]


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
    environment = told.get("environment") or os.environ.get("INCIDENT_ENVIRONMENT")
    service = told.get("service") or os.environ.get("INCIDENT_SERVICE")
    content: dict[str, Any] = {
        "environment": {"id": environment or "production"},
        "service": {"id": service or repository.rpartition("/")[2]},
    }
    return content | ({"description": title} if title else {})
