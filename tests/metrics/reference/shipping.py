"""Rules 26 to 28: which changes a deployment ships."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from tests.metrics.reference.changes import Change, Changes, Commit, Merged, commit_name
from tests.metrics.reference.deployments import Deployment, Deployments
from tests.metrics.reference.names import Names
from tests.metrics.reference.paths import touches
from tests.metrics.reference.repositories import Repositories

CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True)
class Shipped:
    """A change that a deployment shipped."""

    deployment: Deployment
    change: Change

    @property
    def lead_seconds(self) -> float:
        """Rule 27."""
        return max(0.0, (self.deployment.time - self.change.clock[1]).total_seconds())


@dataclass
class Shipment:
    """What one deployment ships, and what is not known of that."""

    is_unlinked: bool = True
    shipped: list[Shipped] = field(default_factory=list)
    contradictions: int = 0
    gaps: int = 0
    incomplete_pushes: int = 0


class _Line:
    """What the deployments of one service and environment reached so far."""

    def __init__(self) -> None:
        self.commits: set[Commit] = set()
        self.steps: set[Merged] = set()
        self.repositories: set[str] = set()


class Shipping:
    """The shipments of all deployments."""

    def __init__(
        self, deployments: Deployments, changes: Changes, names: Names, repositories: Repositories
    ) -> None:
        self.changes, self.names, self.repositories = changes, names, repositories
        self.shipments: dict[Deployment, Shipment] = {}
        lines: dict[tuple[str, str], _Line] = {}
        for deployment in deployments.all:
            line = lines.setdefault((deployment.service, deployment.environment), _Line())
            self.shipments[deployment] = self._ship(deployment, line)

    def _ship(self, deployment: Deployment, line: _Line) -> Shipment:
        """Ship what it reaches and none before it reached; count what is not known of that."""
        shipment = Shipment()
        named = [c for c in deployment.version.commits if c in self.changes.known]
        shipment.is_unlinked = not named
        firsts = {repository for repository, _ in named} - line.repositories
        walked = [place for commit in named for place in self.changes.walk(commit)]
        in_line = {(step.repository, step.commits[number]) for step, number in walked}
        listed = self._listed(deployment)
        reached = [(step.repository, step.commits[number]) for step, number in walked]
        reached = list(dict.fromkeys([*reached, *listed]))
        changes = [c for c in reached if not self.changes.is_only_a_merge(c)]
        contradicting = {c for c in reached if self._contradicts(c, deployment, [*named, *listed])}
        steps = [
            step
            for step, number in walked
            if (step.repository, step.commits[number]) not in contradicting
        ]
        self._count_unknown(steps, line, shipment)
        line.repositories |= firsts
        meant = {
            # The first of a repository ships what it names, or the nearest that this merged.
            next((c for c in changes if c[0] == repository and c in in_line - contradicting), None)
            for repository in firsts
        }
        for change in changes:
            is_shipped = change in meant or change[0] not in firsts
            if is_shipped and change not in line.commits:
                if change in contradicting:
                    shipment.contradictions += 1
                else:
                    self._add(change, deployment, shipment)
        line.commits |= set(reached) - contradicting
        return shipment

    def _count_unknown(self, steps: list[Merged], line: _Line, shipment: Shipment) -> None:
        """Gaps and missing commits of the steps that this reaches first (28)."""
        for step in dict.fromkeys(steps):
            if step.repository in line.repositories and step not in line.steps:
                shipment.gaps += self.changes.is_gap(step)
                shipment.incomplete_pushes += step.is_incomplete
            line.steps.add(step)

    def _listed(self, deployment: Deployment) -> list[Commit]:
        """The known changes among the `commits` of its rollouts (26)."""
        own = [repository for repository, _ in deployment.version.commits if repository]
        found = []
        for rollout in deployment.rollouts:
            named = self.repositories.of(rollout.event.custom.get("repository"))
            places = [*own, named] if named else own
            for told in rollout.event.custom.get("commits") or []:
                found += self._known(commit_name(told["sha"]), places)
        return found

    def _known(self, name: str, places: list[str]) -> list[Commit]:
        """The changes of this name in some repositories; without any, in the first by its name."""
        known = sorted(commit for commit in self.changes.known if commit[1] == name)
        return [commit for commit in known if commit[0] in places] if places else known[:1]

    def _contradicts(self, commit: Commit, deployment: Deployment, named: list[Commit]) -> bool:
        """Whether it was made and reported after a deployment that does not name it (27)."""
        change, after = self.changes.change(commit), deployment.time + CLOCKS_DIFFER
        is_later = change.committed is not None and min(change.committed, change.merged) > after
        return is_later and commit not in named

    def _add(self, commit: Commit, deployment: Deployment, shipment: Shipment) -> None:
        change = self.changes.change(commit)
        patterns = self._patterns(deployment.service, commit[0])
        if patterns is None or change.paths is None or touches(change.paths, patterns):
            shipment.shipped.append(Shipped(deployment, change))

    def _patterns(self, service: str, repository: str) -> list[str] | None:
        """The paths of a repository that the catalog names for a service; None are all."""
        for told in self.names.of_catalog(service).get("repositories") or []:
            if not isinstance(told, str) and self.repositories.of(told["url"]) == repository:
                patterns: list[str] | None = told.get("paths")
                return patterns
        return None
