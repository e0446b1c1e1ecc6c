"""Incidents that people keep as issues: which issues are some, and where they happened.

Environment: INCIDENT_LABELS (incident), several separated by commas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dora import cdevents
from dora.settings import incident_labels
from dora.tools.services import affected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudevents.http import CloudEvent

    from dora.tools.repositories import Repository

TYPE = "incident"
WHERE = re.compile(r"(environment|service)::?\s*(\S.*)", re.IGNORECASE)


def is_incident(labels: Iterable[str], kind: Any = None) -> bool:
    """Return whether one of the labels, or the type of the issue, says that this is an incident."""
    wanted = {label.casefold() for label in incident_labels()}
    is_labelled = not wanted.isdisjoint(label.strip().casefold() for label in labels)
    return is_labelled or str(kind).casefold() == TYPE


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
        labelled = self._where()
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

    def _where(self) -> dict[str, str]:
        """Return what labels say of where it happened; of several the first."""
        found = [match.groups() for one in self.labels if (match := WHERE.fullmatch(one.strip()))]
        return {name.lower(): value.strip() for name, value in reversed(found)}
