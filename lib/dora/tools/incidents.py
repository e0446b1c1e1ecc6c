"""Incidents, as tools report them, also those that people keep as issues.

Environment: INCIDENT_LABELS (incident), IGNORED_PRIORITIES (P5), several separated by commas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dora import cdevents
from dora.settings import incident_labels, settings
from dora.tools.services import affected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudevents.http import CloudEvent

    from dora.tools.repositories import Repository
    from dora.tools.services import Where

TYPE = "incident"
NAMES = {"env": "environment", "environment": "environment", "service": "service"}
WHERE = re.compile(r"(env(?:ironment)?|service)::?\s*(\S.*)", re.IGNORECASE)


def is_incident(labels: Iterable[str], kind: Any = None) -> bool:
    """Return whether one of the labels, or the type of the issue, says that this is an incident."""
    wanted = {label.casefold() for label in incident_labels()}
    is_labelled = not wanted.isdisjoint(label.strip().casefold() for label in labels)
    return is_labelled or str(kind).casefold() == TYPE


def is_ignored(priority: str | None) -> bool:
    """Return whether something of this priority, such as P5, is no incident."""
    return priority is not None and priority in settings("IGNORED_PRIORITIES", "P5")


def places(tags: Iterable[str]) -> dict[str, str]:
    """Return what labels or tags say of where it happened, service and environment; of several the first."""
    found = [match.groups() for one in tags if (match := WHERE.fullmatch(one.strip()))]
    return {NAMES[name.lower()]: value.strip() for name, value in reversed(found)}


def happened(  # noqa: PLR0913 - an incident has this many facts
    predicate: str,
    incident_id: str,
    where: Where,
    *,
    source: str,
    time: str,
    title: str | None = None,
    url: str | None = None,
) -> CloudEvent:
    """Make the CDEvent of an incident that is detected or resolved.

    Args:
        predicate: "detected" or "resolved".
        incident_id: the tool's own, the same from first to last.
        where: the service and environment.
        source: who reports it.
        time: when it was detected or resolved, which distinguishes a return from the first time.
        title: what people call it.
        url: where to look at it.
    """
    return cdevents.build(
        f"incident.{predicate}",
        identity=(incident_id, predicate, time),
        source=source,
        time=time,
        subject_id=incident_id,
        content=where.content | ({"description": title} if title else {}),
        dora=where.dora | {"url": url},
    )


@dataclass(frozen=True)
class Issue:
    """An issue that is an incident.

    Attributes:
        repository: where it is kept.
        number: its number there.
        url: its address, which is the incident's id from first to last.
        labels: `environment:staging` and `service:shop` (or with `::`) say where it happened.
        title: None where it is secret.
    """

    repository: Repository
    number: str
    url: str
    labels: list[str]
    title: str | None

    def event(self, predicate: str, when: str) -> CloudEvent:
        """Make the CDEvent of the incident that is detected or resolved at that time."""
        labelled = places(self.labels)
        where = affected(
            service=labelled.get("service") or self.repository.name,
            environment_id=labelled.get("environment"),
        )
        return cdevents.build(
            f"incident.{predicate}",
            identity=("issue", self.number, predicate, when),
            source=self.repository.url,
            time=when,
            subject_id=self.url,
            content=where.content | ({"description": self.title} if self.title else {}),
            dora=where.dora
            | {
                "repository": self.repository.url,
                "repositoryId": self.repository.number,
            },
        )
