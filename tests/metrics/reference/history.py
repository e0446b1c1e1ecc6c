"""Everything that follows from events and a catalog, before anything is asked."""

from __future__ import annotations

from collections.abc import Iterable

from tests.metrics.reference.changes import Changes
from tests.metrics.reference.corrections import Corrections, as_told, corrected
from tests.metrics.reference.deployments import Deployments, Targets
from tests.metrics.reference.events import Json, recorded
from tests.metrics.reference.failures import Failures
from tests.metrics.reference.incidents import Belonging, incidents_of, keys_of_incidents
from tests.metrics.reference.names import Names
from tests.metrics.reference.repositories import Repositories
from tests.metrics.reference.shipping import Shipping
from tests.metrics.reference.versions import Versions


class History:
    """What happened, by docs/metrics.md."""

    def __init__(self, told: Iterable[Json], catalog: Json) -> None:
        as_recorded = recorded(told)
        corrections = Corrections(as_recorded, keys_of_incidents(as_recorded))
        self.events = corrected(as_recorded, corrections)
        self.names = Names(catalog, self.events, as_told(as_recorded))
        # A number is of the repository that the event itself names (18).
        self.repositories = Repositories(as_told(as_recorded))
        self.changes = Changes(self.events, self.repositories)
        self.versions = Versions(self.events, self.names, self.repositories, self.changes)
        self.targets = Targets(self.events, self.names, self.repositories)
        self.deployments = Deployments(self.targets, self.versions, corrections)
        self.incidents = incidents_of(self.events, self.names, corrections)
        belonging = Belonging(self.deployments, self.names)
        for incident in self.incidents:
            incident.deployment = belonging.of(incident)
        self.failures = Failures(self.deployments, self.incidents)
        self.shipping = Shipping(self.deployments, self.changes, self.names, self.repositories)
