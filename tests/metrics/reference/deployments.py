"""Rules 6 and 8 to 11: targets, rollouts and deployments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tests.metrics.reference.corrections import Corrections
from tests.metrics.reference.events import Event, instant
from tests.metrics.reference.names import Names
from tests.metrics.reference.repositories import Repositories
from tests.metrics.reference.versions import Version, Versions


@dataclass(eq=False)
class Target:
    """What runs one version at a time (6)."""

    service: str
    name: str  # the environment as in the events
    environment: str
    uid: tuple[str, str] | None
    events: list[Event] = field(default_factory=list)

    @property
    def running(self) -> list[Event]:
        """Its events that are no removals."""
        return [event for event in self.events if not event.is_removal]


@dataclass(frozen=True, eq=False)
class Rollout:
    """An event that changed what a target runs (8)."""

    event: Event
    target: Target
    version: Version
    goes_back: bool

    @property
    def started(self) -> datetime:
        """When it started (11, 13)."""
        told = self.event.custom.get("startedAt")
        started = instant(told) if told else self.event.time
        return min(started, self.event.time)


@dataclass(eq=False)
class Deployment:
    """One version at several targets (9)."""

    rollouts: list[Rollout]
    service: str
    environment: str
    is_rollback: bool
    counts: bool = True
    is_unplanned: bool = False
    said_failed: bool | None = None

    @property
    def first(self) -> Event:
        return self.rollouts[0].event

    @property
    def time(self) -> datetime:
        return self.first.time

    @property
    def version(self) -> Version:
        return self.rollouts[0].version

    @property
    def completed(self) -> datetime:
        return self.rollouts[-1].event.time

    @property
    def started(self) -> datetime:
        """At the earliest `startedAt` of its rollouts that is not later than its time."""
        told = [rollout.event.custom.get("startedAt") for rollout in self.rollouts]
        started = [instant(time) for time in told if time]
        return min([time for time in started if time <= self.time], default=self.time)


class Targets:
    """All targets, by the events that they have (6)."""

    def __init__(self, events: list[Event], names: Names, repositories: Repositories) -> None:
        self.names, self.repositories = names, repositories
        self.all: list[Target] = []
        places: dict[tuple[str, str], list[Event]] = {}
        for event in events:
            if event.is_of_service:
                place = names.places[event]
                assert place.service
                places.setdefault((place.service, place.name), []).append(event)
        for own in places.values():
            self._with_uid([event for event in own if event.custom.get("uid")])
            self._without_uid([event for event in own if not event.custom.get("uid")])

    def _made(self, event: Event, uid: tuple[str, str] | None) -> Target:
        place = self.names.places[event]
        assert place.service
        target = Target(place.service, place.name, place.environment, uid)
        self.all.append(target)
        return target

    def _with_uid(self, events: list[Event]) -> None:
        """Of each uid, or what continues it."""
        targets: dict[tuple[str, str], Target] = {}
        latest: dict[tuple[str, str], Event] = {}
        continued: set[tuple[str, str]] = set()
        for event in events:
            uid = (event.source, event.custom["uid"])
            if uid not in targets:
                removed = [
                    other
                    for other, last in latest.items()
                    if other[0] == event.source and last.is_removal and other not in continued
                ]
                if removed:
                    before = max(removed, key=lambda other: latest[other].order)
                    continued.add(before)
                    targets[uid] = targets[before]
                else:
                    targets[uid] = self._made(event, uid)
            targets[uid].events.append(event)
            latest[uid] = event

    def _without_uid(self, events: list[Event]) -> None:
        """One together, or one for each repository that they name."""
        named = [self.repositories.of(event.custom.get("repository")) for event in events]
        repository = next((name for name in named if name), None)
        targets: dict[str | None, Target] = {}
        for event, name in zip(events, named, strict=True):
            repository = name or repository
            if repository not in targets:
                targets[repository] = self._made(event, None)
            targets[repository].events.append(event)


class Deployments:
    """All deployments of all services in all environments, in their order."""

    def __init__(self, targets: Targets, versions: Versions, corrections: Corrections) -> None:
        self.versions, self.corrections = versions, corrections
        self.targets = targets
        rollouts = [rollout for target in targets.all for rollout in self._rollouts(target)]
        rollouts.sort(key=lambda rollout: rollout.event.order)
        self.all: list[Deployment] = []
        # Of each target its rollouts, and which deployment each of them joined.
        self.rollouts: dict[Target, list[Rollout]] = {target: [] for target in targets.all}
        self.joined: dict[Target, list[Deployment]] = {target: [] for target in targets.all}
        for rollout in rollouts:
            self._take(rollout)
        for deployment in self.all:
            self._correct(deployment)

    def of(self, service: str, environment: str) -> list[Deployment]:
        """Those of a service and environment, in their order."""
        return [d for d in self.all if (d.service, d.environment) == (service, environment)]

    def _rollouts(self, target: Target) -> list[Rollout]:
        """Rule 8."""
        events = target.running
        return [
            Rollout(event, target, self.versions.of(event), self._goes_back(events, number))
            for number, event in enumerate(events)
            if number == 0 or self._changes(events[number - 1], event)
        ]

    def _changes(self, before: Event, event: Event) -> bool:
        if not self._is_same(before, event):
            return True
        templates = {_template(before), _template(event)}
        return None not in templates and len(templates) == 2

    def _is_same(self, one: Event, other: Event) -> bool:
        return self.versions.of(one).is_same(self.versions.of(other))

    def _goes_back(self, events: list[Event], number: int) -> bool:
        """Rule 10, of one of the events of a target."""
        event = events[number]
        if event.kind == "service.rolledback":
            return True
        if number == 0:
            return False
        replaced = events[number - 1]
        if self._is_same(replaced, event):
            templates = [_template(each) for each in events]
            return templates.index(_template(event)) < templates.index(_template(replaced))
        ran_first = [
            next(n for n, each in enumerate(events) if self._is_same(each, own))
            for own in (event, replaced)
        ]
        return ran_first[0] < number and ran_first[0] < ran_first[1]

    def _take(self, rollout: Rollout) -> None:
        """Rule 9: join a deployment, or begin one."""
        target, joined = rollout.target, self.joined[rollout.target]
        if rollout.goes_back:
            after = joined[-1] if joined else None
        else:
            same = [each for each in joined if each.version.is_same(rollout.version)]
            after = same[-1] if same else None
        for deployment in self.of(target.service, target.environment):
            if (
                deployment.is_rollback == rollout.goes_back
                and deployment.version.is_same(rollout.version)
                and (after is None or deployment.first.order > after.first.order)
            ):
                deployment.rollouts.append(rollout)
                break
        else:
            deployment = Deployment(
                [rollout], target.service, target.environment, rollout.goes_back
            )
            self.all.append(deployment)
        joined.append(deployment)
        self.rollouts[target].append(rollout)

    def _correct(self, deployment: Deployment) -> None:
        """What its rollouts say of being unplanned, and what is said of any of them (18)."""
        words = {}
        for part in ("counts", "failed", "unplanned"):
            said = [
                self.corrections.of("deployment", *rollout.event.key).told(part)
                for rollout in deployment.rollouts
            ]
            latest = max((word for word in said if word), key=lambda word: word.order, default=None)
            words[part] = latest.content[part] if latest else None
        told = any(each.event.custom.get("unplanned") is True for each in deployment.rollouts)
        deployment.counts = words["counts"] is not False
        deployment.said_failed = words["failed"]
        deployment.is_unplanned = told if words["unplanned"] is None else words["unplanned"]


def _template(event: Event) -> str | None:
    fingerprint: str | None = event.custom.get("templateFingerprint")
    return fingerprint
