"""Whom a question is about, and what is known of them: rules 4, 16, 19, 20, 24 and 28."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.metrics.reference.deployments import Deployment, Target
from tests.metrics.reference.history import History
from tests.metrics.reference.incidents import Incident
from tests.metrics.reference.question import Question
from tests.metrics.reference.shipping import Shipped

SECONDS_A_DAY = 86400


class Group:
    """One group of an answer: a question to a history; or a bucket, which is a part of the whole."""

    def __init__(
        self, history: History, question: Question, now: datetime, whole: Group | None = None
    ) -> None:
        self.history, self.question, self.now = history, question, now
        self.whole = whole
        self.services = [each for each in history.names.known_services if self._is_asked(each)]
        self.ever = [each for each in history.deployments.all if self.has(each)]
        self.deployments = [each for each in self.ever if each.counts and question.has(each.time)]

    def _is_asked(self, service: str) -> bool:
        asked, names = self.question, self.history.names
        return (
            (not asked.services or service in asked.services)
            and (not asked.teams or names.team(service) in asked.teams)
            and (
                not asked.repositories or bool(self._asked_repositories() & self._origins(service))
            )
        )

    def _asked_repositories(self) -> set[str | None]:
        return {self.history.repositories.of(each) for each in self.question.repositories}

    def _origins(self, service: str) -> set[str | None]:
        """Where a service comes from: by the catalog, else by its events and artifacts."""
        own = self.history.names.of_catalog(service).get("repositories") or []
        told = [each if isinstance(each, str) else each["url"] for each in own]
        if told:
            return {self.history.repositories.of(each) for each in told}
        return set(self.history.versions.service_repositories(service))

    def has(self, deployment: Deployment | Target) -> bool:
        return deployment.service in self.services and self._has_environment(
            deployment.service, deployment.environment
        )

    def _has_environment(self, service: str, environment: str) -> bool:
        asked = self.question
        if asked.environments and environment not in asked.environments:
            return False
        tier = self.history.names.tier(service, environment)
        return not asked.asked_tiers or tier in asked.asked_tiers

    @property
    def unknown_tier(self) -> int:
        """How many deployments were left out since nobody says of which tier they are (4)."""
        asked, names = self.question, self.history.names
        return sum(
            each.service in self.services
            and each.counts
            and asked.has(each.time)
            and (not asked.environments or each.environment in asked.environments)
            and bool(asked.asked_tiers)
            and names.tier(each.service, each.environment) is None
            for each in self.history.deployments.all
        )

    # Rule 20

    @property
    def covered(self) -> tuple[datetime, datetime] | None:
        """From when to when something is known."""
        history, asked = self.history, self.question
        named_at = history.names.named_at(self.services)
        if not named_at:
            return None
        start = max(asked.day_of(named_at), asked.start)
        removed = [_removed(t, history) for t in history.targets.all if t.running and self.has(t)]
        known = [time for time in removed if time]
        ended = [max(known)] if removed and len(known) == len(removed) else []
        end = min(asked.end, self.now, *ended)
        return (start, end) if end > start else None

    @property
    def covered_days(self) -> float:
        """What a frequency is divided by: at least 1."""
        assert self.covered
        start, end = self.covered
        return max(1.0, (end - start).total_seconds() / SECONDS_A_DAY)

    # Rule 19

    def basis(self, *, of_rework: bool = False) -> list[str] | None:
        """What is known of failures."""
        own = [d for d in self.history.deployments.all if d.service in self.services]
        if any(self._has_evidence(service) for service in self.services):
            return ["incidents", "rollbacks"]
        if any(deployment.is_rollback for deployment in own):
            return ["rollbacks"]
        if of_rework and any(deployment.is_unplanned for deployment in own):
            return ["unplanned"]
        return None

    def _has_evidence(self, service: str) -> bool:
        names, team = self.history.names, self.history.names.team(service)
        incidents = self.history.incidents
        named = {incident.service for incident in incidents}
        hit = named | {each.deployment.service for each in incidents if each.deployment}
        if team is None:
            return service in hit or any(
                not _is_of_the_demo(names.team(other) if other else None) for other in named
            )
        return service in hit or any(names.team(other) == team for other in hit if other)

    # Incidents: rules 16 and 24.

    @property
    def unattributed(self) -> list[Incident]:
        """Those detected in the span that belong to no deployment."""
        asked = self.question
        is_filtered = asked.services or asked.teams or asked.repositories
        return [
            each
            for each in self.history.incidents
            if each.counts and each.deployment is None and asked.has(each.detected)
            if each.service in self.services or (each.service is None and not is_filtered)
        ]

    @property
    def restored_after(self) -> list[float]:
        """How long the incidents took that are resolved, by the time of detection."""
        belonging = [
            each
            for each in self.history.incidents
            if each.deployment and self.has(each.deployment)
            if self.question.has(each.detected)
        ]
        return [
            (each.resolved - each.detected).total_seconds()
            for each in [*belonging, *self.unattributed]
            if each.resolved
        ]

    @property
    def shipped(self) -> list[Shipped]:
        """A change counts once for each service, where it was shipped first (28)."""
        if self.whole:
            return [each for each in self.whole.shipped if self.question.has(each.deployment.time)]
        found: dict[Any, Shipped] = {}
        for deployment in self.deployments:
            for each in self.history.shipping.shipments[deployment].shipped:
                if self.question.repositories and (
                    each.change.commit[0] not in self._asked_repositories()
                ):
                    continue
                found.setdefault((deployment.service, each.change.commit), each)
        return list(found.values())


def _removed(target: Target, history: History) -> datetime | None:
    """When a target was removed: at the first removal that follows its last other event (20)."""
    last = target.running[-1]
    removals = [
        event
        for event in (target.events if target.uid else history.events)
        if event.is_removal and event.order > last.order
        if history.names.places[event][:2] == (target.service, target.name)
    ]
    return removals[0].time if removals else None


def _is_of_the_demo(team: str | None) -> bool:
    return team is not None and team.startswith("demo-")
