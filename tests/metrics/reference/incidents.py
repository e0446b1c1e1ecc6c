"""Rules 12 and 13: incidents, and which deployment each belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.metrics.reference.corrections import INCIDENTS, Corrections
from tests.metrics.reference.deployments import Deployment, Deployments
from tests.metrics.reference.events import Event, Key
from tests.metrics.reference.names import Names
from tests.metrics.reference.repositories import Artifact

CLOCKS_DIFFER = timedelta(minutes=5)
LONGEST = timedelta(days=7)
GOES_ON = timedelta(hours=24)
STARTS = ("incident.detected", "incident.reported")
OpenTime = tuple[datetime, datetime | None]


@dataclass(eq=False)
class Incident:
    """All events of one source and subject."""

    events: list[Event]
    open_times: list[OpenTime]
    service: str | None
    environment: str
    is_assumed: bool
    artifact: Artifact | None
    counts: bool
    is_failure: bool
    deployment: Deployment | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.events[0].source, self.events[0].subject)

    @property
    def detected(self) -> datetime:
        return self.open_times[0][0]

    @property
    def resolved(self) -> datetime | None:
        return self.open_times[-1][1]


def incidents_of(events: list[Event], names: Names, corrections: Corrections) -> list[Incident]:
    """All incidents (12)."""
    return [_incident(own, open_times, names, corrections) for own, open_times in _found(events)]


def keys_of_incidents(events: list[Event]) -> set[Key]:
    """Source and subject of all incidents."""
    return {(own[0].source, own[0].subject) for own, _ in _found(events)}


def _found(events: list[Event]) -> Iterator[tuple[list[Event], list[OpenTime]]]:
    """The events of each incident and when it was open.

    Not those of which only the end is known, that were merged into another one, or go on with one.
    """
    told: dict[Key, list[Event]] = {}
    for event in events:
        if event.kind in INCIDENTS:
            told.setdefault((event.source, event.subject), []).append(event)
    for own in told.values():
        of_alert = _alert(own, told)
        open_times = _open_times(own, of_alert)
        is_merged = any(event.custom.get("mergedInto") for event in own)
        if open_times and not is_merged and not _goes_on(own, of_alert):
            yield own, open_times


def _alert(events: list[Event], told: dict[Key, list[Event]]) -> list[Event]:
    """All events that name the alert which an incident is of."""
    alert = _alert_of(events)
    return [
        event
        for (source, _), each in told.items()
        for event in each
        if alert and source == events[0].source and event.custom.get("alert") == alert
    ]


def _alert_of(events: list[Event]) -> str | None:
    """The alert that the earliest event names which names one."""
    return next((e.custom["alert"] for e in events if e.custom.get("alert")), None)


def _incident(
    events: list[Event], open_times: list[OpenTime], names: Names, corrections: Corrections
) -> Incident:
    places = [names.places[event] for event in events]
    told = [names.places[event] for event in events if _says_environment(event)] or places
    artifacts = [e.content["artifactId"] for e in events if e.content.get("artifactId")]
    said = corrections.of("incident", events[0].source, events[0].subject)
    return Incident(
        events,
        open_times,
        next((place.service for place in places if place.service), None),
        told[0].environment,
        told[0].is_assumed,
        Artifact(artifacts[0]) if artifacts else None,
        said.of("counts") is not False,
        said.of("failed") is not False,
    )


def _says_environment(event: Event) -> bool:
    """Whether its tool knew the environment."""
    return bool(event.content.get("environment")) and not event.custom.get("assumedEnvironment")


def _goes_on(events: list[Event], of_alert: list[Event]) -> bool:
    """Whether it goes on with another one of its alert that was detected before."""
    own = next(event for event in events if event.kind in STARTS)
    ends = [event.time for event in of_alert if event.kind == "incident.resolved"]
    return any(
        (other.time, other.subject) < (own.time, own.subject)
        and own.time <= other.time + GOES_ON
        and not any(other.time <= end <= own.time for end in ends)
        for other in of_alert
        if other.kind == "incident.detected" and other.subject != own.subject
    )


def _open_times(events: list[Event], of_alert: list[Event]) -> list[OpenTime]:
    starts = [event.time for event in events if event.kind in STARTS]
    if not starts:
        return []
    detected = min(starts)
    ends = [event.time for event in events if event.kind == "incident.resolved"]
    # A resolution shortly before the first detection ends it at that detection.
    ends = [max(end, detected) for end in ends if end >= detected - CLOCKS_DIFFER]
    # One of another incident of its alert ends it where it is open.
    ends += [event.time for event in of_alert if event.kind == "incident.resolved"]
    again = [e.time for e in events if e.kind == "incident.detected"]
    times: list[OpenTime] = []
    while True:
        end = min((end for end in ends if end >= detected), default=None)
        times.append((detected, end))
        later = [start for start in again if end and start > end]
        if not later:
            return times
        detected = min(later)


class Belonging:
    """Rule 13."""

    def __init__(self, deployments: Deployments, names: Names) -> None:
        self.deployments, self.names = deployments, names

    def of(self, incident: Incident) -> Deployment | None:
        """The deployment that an incident belongs to; one that does not count belongs to none (18)."""
        if not incident.counts:
            return None
        return self._named(incident) or self._of_artifact(incident) or self._before(incident)

    def _named(self, incident: Incident) -> Deployment | None:
        """1: what it names, by `deployment`, else by a link."""
        names = [event.custom.get("deployment") for event in incident.events]
        links = [link for event in incident.events for link in event.links]
        names += [(link.get("target") or link.get("from") or {}).get("contextId") for link in links]
        found = (self._with_rollout(name) for name in names if name)
        return next((deployment for deployment in found if deployment), None)

    def _with_rollout(self, name: str) -> Deployment | None:
        rollouts = [
            (rollout.event.order, deployment)
            for deployment in self.deployments.all
            for rollout in deployment.rollouts
            if rollout.event.id == name
        ]
        return min(rollouts, key=lambda each: each[0])[1] if rollouts else None

    def _of_artifact(self, incident: Incident) -> Deployment | None:
        """2: the latest deployment of the artifact that it names which started before."""
        named = incident.artifact
        if not named:
            return None
        fits: list[Callable[[Deployment], bool]] = [
            lambda d: bool(named.digest) and named.digest == d.version.digest,
            lambda d: (
                bool(named.tagged and d.version.artifact)
                and named.tagged == (d.version.artifact and d.version.artifact.tagged)
            ),
            lambda d: bool(d.version.artifact and named.name == d.version.artifact.name),
        ]
        started = [
            deployment
            for deployment in self.deployments.all
            if deployment.started < incident.detected
            and incident.service in (None, deployment.service)
        ]
        for fit in fits:
            if found := [deployment for deployment in started if fit(deployment)]:
                return found[-1]
        return None

    def _before(self, incident: Incident) -> Deployment | None:
        """3: the latest deployment of its service that started by then, not too long before."""
        environments = self._environments(incident)
        fitting = [
            deployment
            for deployment in self.deployments.all
            if deployment.service == incident.service
            and deployment.environment in environments
            and any(
                rollout.started <= incident.detected
                and rollout.event.time >= incident.detected - LONGEST
                for rollout in deployment.rollouts
            )
            and deployment.started <= incident.detected
        ]
        return fitting[-1] if fitting else None

    def _environments(self, incident: Incident) -> set[str]:
        """Its own if the service was ever deployed there, else those of the same tier."""
        service = incident.service
        if service is None:
            return set()
        ever = {d.environment for d in self.deployments.all if d.service == service}
        if incident.environment in ever and not incident.is_assumed:
            return {incident.environment}
        tier = self.names.tier(service, incident.environment) or "production"
        return {each for each in ever if self.names.tier(service, each) == tier}
