"""The second computation of the metrics: from a list of CDEvents, written from docs/metrics.md alone.

It is as slow and as obvious as it likes, so that it can be read beside the document. It shares
nothing with the SQL, and neither the order of the list nor repeats matter to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from packageurl import PackageURL

Event = dict[str, Any]
# Source and id of a CDEvent; source and subject of an incident.
Key = tuple[str, str]
# Repository, branch and id of a change.
ChangeKey = tuple[str, str, str]
# The ends of a stage, where they are known.
Ends = tuple[datetime | None, datetime | None]
WINDOW = timedelta(days=7)
DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]+")
TIERS = {
    "production": ["prod*", "production", "live", "default"],
    "staging": ["stag*"],
    "testing": ["test*", "qa*"],
}


# The log: what is known of each event.


def log(events: Iterable[Event]) -> list[Event]:
    """Give each source and id once, as it was told first; at the same time, the smaller JSON."""
    told: dict[Key, Event] = {}
    for event in events:
        known = told.setdefault(_key(event), event)
        if known is not event and _is_told_before(event, known):
            told[_key(event)] = event
    return [told[key] for key in sorted(told)]


def _is_told_before(one: Event, other: Event) -> bool:
    if _time(one) != _time(other):
        return _time(one) < _time(other)
    return _jsonb(one) < _jsonb(other)


def _of_kind(events: Iterable[Event], *kinds: str) -> list[Event]:
    return [event for event in log(events) if _kind(event) in kinds]


def _kind(event: Event) -> str:
    return ".".join(event["context"]["type"].split(".")[2:4])


def _key(event: Event) -> Key:
    return (event["context"]["source"], event["context"]["id"])


def _time(event: Event) -> datetime:
    return instant(event["context"]["timestamp"])


def instant(text: str) -> datetime:
    """Read a date-time of RFC 3339."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _jsonb(value: Any) -> str:
    """Print JSON as PostgreSQL's jsonb does: shorter names first."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return "{" + ", ".join(f"{_jsonb(name)}: {_jsonb(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_jsonb, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _dora(event: Event) -> dict[str, Any]:
    custom = event.get("customData")
    dora: dict[str, Any] = custom.get("dora", {}) if isinstance(custom, dict) else {}
    return dora


def _content(event: Event, *path: str) -> Any:
    """Give what the subject's content says at a path, or None."""
    value = event["subject"]["content"]
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def seconds(start: datetime, end: datetime) -> float:
    """Give the time between two moments, at least 0."""
    return max(0.0, (end - start).total_seconds())


# Artifacts.


@cache
def _names_of_artifact(artifact: str) -> frozenset[tuple[str, ...]]:
    names: set[tuple[str, ...]] = {("text", artifact)}
    try:
        purl = PackageURL.from_string(artifact)
    except ValueError:
        return frozenset(names)
    qualifiers: Any = purl.qualifiers
    if purl.version and DIGEST.fullmatch(purl.version):
        names.add(("digest", purl.version))
    if "tag" in qualifiers:
        repository = qualifiers.get("repository_url") or f"{purl.namespace or ''}/{purl.name}"
        names.add(("tag", repository, qualifiers["tag"]))
    return frozenset(names)


# Deployments.


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployment; the last fields are what the event tells of it."""

    source: str
    id: str
    service: str
    environment: str
    time: datetime
    artifact: str
    predicate: str
    is_rollback: bool
    uid: str | None
    revision: int | None
    template: str | None
    commit: str | None
    repository: str | None
    is_unplanned: bool

    @property
    def key(self) -> Key:
        return (self.source, self.id)

    @property
    def place(self) -> tuple[str, str]:
        return (self.service, self.environment)

    @property
    def order(self) -> tuple[datetime, int, str, str]:
        """Its order among those of its service and environment: no revision is before any."""
        return (self.time, -1 if self.revision is None else self.revision, self.source, self.id)


def deployments(events: Iterable[Event]) -> list[Deployment]:
    """Give the deployments, restarts left out, in the order of source and id."""
    kinds = ("service.deployed", "service.upgraded", "service.rolledback")
    done = [_deployment(event) for event in _of_kind(events, *kinds)]
    deployed = [one for one in done if not _is_restart(one, done)]
    return [replace(one, is_rollback=_is_rollback(one, deployed)) for one in deployed]


def _deployment(event: Event) -> Deployment:
    dora = _dora(event)
    return Deployment(
        source=event["context"]["source"],
        id=event["context"]["id"],
        service=event["subject"]["id"],
        environment=_content(event, "environment", "id"),
        time=_time(event),
        artifact=_content(event, "artifactId"),
        predicate=_kind(event).split(".")[1],
        is_rollback=False,
        uid=dora.get("uid"),
        revision=dora.get("revision"),
        template=dora.get("templateFingerprint"),
        commit=dora.get("commit"),
        repository=dora.get("repository"),
        is_unplanned=dora.get("unplanned") is True,
    )


def _is_restart(one: Deployment, done: Sequence[Deployment]) -> bool:
    """Tell whether a revision has the template of the one before it."""
    before = [other for other in done if _is_earlier_revision(other, one)]
    if not before or one.template is None:
        return False
    return max(before, key=_order_of_revisions).template == one.template


def _is_earlier_revision(other: Deployment, one: Deployment) -> bool:
    return (
        None not in (one.uid, one.revision, other.revision)
        and (other.source, other.uid) == (one.source, one.uid)
        and _order_of_revisions(other) < _order_of_revisions(one)
    )


def _order_of_revisions(one: Deployment) -> tuple[int, datetime, str]:
    return (one.revision or 0, one.time, one.id)


def earlier_ones(one: Deployment, deployed: Iterable[Deployment]) -> list[Deployment]:
    """Give the earlier deployments of the same service and environment, in their order."""
    there = [other for other in deployed if other.place == one.place and other.order < one.order]
    return sorted(there, key=lambda other: other.order)


def _is_rollback(one: Deployment, deployed: Sequence[Deployment]) -> bool:
    earlier = earlier_ones(one, deployed)
    if one.predicate == "rolledback" or not earlier:
        return one.predicate == "rolledback"
    return _artifact_returns(one, earlier) or _template_returns(one, earlier)


def _artifact_returns(one: Deployment, earlier: Sequence[Deployment]) -> bool:
    differs = one.artifact != earlier[-1].artifact
    return differs and any(one.artifact == other.artifact for other in earlier)


def _template_returns(one: Deployment, earlier: Sequence[Deployment]) -> bool:
    before = earlier[-1].template
    if None in (one.uid, one.template, before) or one.template == before:
        return False
    by_the_same = [other for other in earlier if (other.source, other.uid) == (one.source, one.uid)]
    return any(other.template == one.template for other in by_the_same)


# Changes.


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one branch."""

    repository: str
    branch: str
    sha: str
    committed: datetime | None
    opened: datetime | None
    merged: datetime
    clock: str
    start: datetime
    place: tuple[datetime, int, str]

    @property
    def key(self) -> ChangeKey:
        return (self.repository, self.branch, self.sha)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One commit in one change.merged."""

    key: ChangeKey
    subject: str
    time: datetime
    opened: datetime | None
    committed: datetime | None
    number: int
    is_last: bool


def _tellings(events: Iterable[Event]) -> list[Telling]:
    return [
        telling for event in _of_kind(events, "change.merged") for telling in _tellings_of(event)
    ]


def _tellings_of(event: Event) -> list[Telling]:
    dora, subject = _dora(event), event["subject"]["id"]
    commits = dora.get("commits") or [{"sha": subject}]
    repository, branch = _content(event, "repository", "id") or "", dora.get("branch") or ""
    return [
        Telling(
            key=(repository, branch, commit["sha"]),
            subject=subject,
            time=_time(event),
            opened=instant(dora["openedAt"]) if "openedAt" in dora else None,
            committed=instant(commit["committedAt"]) if "committedAt" in commit else None,
            number=number,
            is_last=number == len(commits) - 1,
        )
        for number, commit in enumerate(commits)
    ]


def changes(events: Iterable[Event]) -> list[Change]:
    """Give the changes in the order of repository, branch and id."""
    told: dict[ChangeKey, list[Telling]] = {}
    for telling in _tellings(events):
        told.setdefault(telling.key, []).append(telling)
    return [_change(tellings) for _, tellings in sorted(told.items(), key=lambda item: item[0])]


def _change(tellings: Sequence[Telling]) -> Change:
    by_pull_request = [telling for telling in tellings if telling.opened is not None]
    repository, branch, sha = tellings[0].key
    committed = _earliest(telling.committed for telling in by_pull_request or tellings)
    opened = _earliest(telling.opened for telling in tellings)
    merged = min(telling.time for telling in tellings)
    clocks = {"commit": committed, "opened": opened, "merged": merged}
    clock = next(clock for clock, time in clocks.items() if time is not None)
    return Change(
        repository=repository,
        branch=branch,
        sha=sha,
        committed=committed,
        opened=opened,
        merged=merged,
        clock=clock,
        start=clocks[clock] or merged,
        place=max((telling.time, telling.number, sha) for telling in tellings),
    )


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


# What deployments name and ship.


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """One change that a deployment shipped."""

    deployment: Key
    change: Change
    lead_time_seconds: float


def named(events: Iterable[Event]) -> dict[Key, Change]:
    """Give the change that each deployment names; one that names no known change has none."""
    events = log(events)
    known = {change.key: change for change in changes(events)}
    tellings = _tellings(events)
    artifacts = _of_kind(events, "artifact.packaged", "artifact.published")
    found: dict[Key, Change] = {}
    for one in deployments(events):
        keys = _named_by_commit(one, tellings) or _named_by_artifact(one, tellings, artifacts)
        if keys:
            found[one.key] = known[min(keys)]
    return found


def _named_by_commit(one: Deployment, tellings: Sequence[Telling]) -> set[ChangeKey]:
    keys = _fitting(tellings, one.commit)
    return {key for key in keys if one.repository is None or key[0] == one.repository}


def _named_by_artifact(
    one: Deployment, tellings: Sequence[Telling], artifacts: Sequence[Event]
) -> set[ChangeKey]:
    own, tagged = _digest(one.artifact), _digest_of_tag(one, artifacts)
    of_digest = [[each for each in artifacts if _has_digest(each, name)] for name in (own, tagged)]
    found = (
        _built_from(events, tellings) for events in (*of_digest, _told_nearest(one, artifacts))
    )
    return next(filter(None, found), set())


def _built_from(artifacts: Sequence[Event], tellings: Sequence[Telling]) -> set[ChangeKey]:
    names = set().union(*map(_names_of_changes, artifacts))
    return {key for name in names for key in _fitting(tellings, name)}


def _names_of_changes(artifact: Event) -> set[str]:
    return {_content(artifact, "change", "id"), _dora(artifact).get("commit")} - {None}


def _told_nearest(one: Deployment, artifacts: Iterable[Event]) -> list[Event]:
    """Give what names a change and was last told of its tag or id before it, else first after it."""
    same = sorted(
        (
            event
            for event in artifacts
            if _names_of_changes(event)
            and _tags_or_id(event["subject"]["id"]) & _tags_or_id(one.artifact)
        ),
        key=lambda event: (_time(event), _key(event)),
    )
    before = [event for event in same if _time(event) <= one.time]
    return before[-1:] or same[:1]


def _tags_or_id(artifact: str) -> set[tuple[str, ...]]:
    return {name for name in _names_of_artifact(artifact) if name[0] != "digest"}


def _digest(artifact: str) -> str | None:
    return next((name[1] for name in _names_of_artifact(artifact) if name[0] == "digest"), None)


def _has_digest(event: Event, digest: str | None) -> bool:
    return digest is not None and _digest(event["subject"]["id"]) == digest


def _digest_of_tag(one: Deployment, artifacts: Iterable[Event]) -> str | None:
    """Give the digest that was last told under its repository and tag, at its time at the latest."""
    tags = {name for name in _names_of_artifact(one.artifact) if name[0] == "tag"}
    told = [
        event
        for event in artifacts
        if tags & _names_of_artifact(event["subject"]["id"])
        and _digest(event["subject"]["id"])
        and _time(event) <= one.time
    ]
    last = max(told, key=lambda event: (_time(event), _key(event)), default=None)
    return _digest(last["subject"]["id"]) if last else None


def _fitting(tellings: Iterable[Telling], name: str | None) -> set[ChangeKey]:
    """Give the changes with this id, and the last commits of the change.merged of this subject."""
    return {
        telling.key
        for telling in tellings
        if name == telling.key[2] or (name == telling.subject and telling.is_last)
    }


def shipped(events: Iterable[Event]) -> list[Shipped]:
    """Give what each deployment shipped, in the order of deployment, repository, branch and id."""
    events = log(events)
    names, deployed, known = named(events), deployments(events), changes(events)
    rows: list[Shipped] = []
    for one in deployed:
        before = [names[other.key] for other in earlier_ones(one, deployed) if other.key in names]
        for change in _ships(names.get(one.key), before, known):
            lead_time = seconds(change.start, one.time)
            rows.append(Shipped(deployment=one.key, change=change, lead_time_seconds=lead_time))
    return rows


def _ships(
    name: Change | None, named_before: Iterable[Change], known: Iterable[Change]
) -> list[Change]:
    """Give what comes after the furthest change named before in the branch, up to this one."""
    if name is None:
        return []
    before = [change.place for change in named_before if _branch(change) == _branch(name)]
    if not before:
        return [name]
    there = [change for change in known if _branch(change) == _branch(name)]
    return [change for change in there if max(before) < change.place <= name.place]


def _branch(change: Change) -> tuple[str, str]:
    return (change.repository, change.branch)


def unlinked(events: Iterable[Event]) -> list[Key]:
    """Give the deployments that name no known change."""
    names = named(events)
    return [one.key for one in deployments(events) if one.key not in names]


# Incidents.


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One incident, with the deployment that it belongs to.

    `why` is "deployment", "link", "artifact" or "window"; "unknown" for one that names what is not
    known, "none" for one that names nothing and follows no deployment.
    """

    source: str
    subject: str
    service: str | None
    environment: str
    artifact: str | None
    detected: datetime
    resolved: datetime | None
    deployment: Key | None
    why: str

    @property
    def key(self) -> Key:
        return (self.source, self.subject)

    def is_open_at(self, time: datetime) -> bool:
        """Tell whether it is open, from its detection to its resolution, both included."""
        return self.detected <= time and (self.resolved is None or time <= self.resolved)


def incidents(events: Iterable[Event], window: timedelta = WINDOW) -> list[Incident]:
    """Give the incidents in the order of source and subject."""
    told: dict[Key, list[Event]] = {}
    kinds = ("incident.detected", "incident.reported", "incident.resolved")
    for event in sorted(_of_kind(events, *kinds), key=lambda event: (_time(event), _key(event))):
        key = (event["context"]["source"], event["subject"]["id"])
        told.setdefault(key, []).append(event)
    deployed = sorted(deployments(events), key=lambda one: one.order)
    return [
        _incident(key, tellings, deployed, window)
        for key, tellings in sorted(told.items(), key=lambda item: item[0])
        if any(_kind(event) != "incident.resolved" for event in tellings)
    ]


def _incident(
    key: Key, tellings: Sequence[Event], deployed: Sequence[Deployment], window: timedelta
) -> Incident:
    """Make the incident of its events in the order of their times."""
    service = _first_told(tellings, "service", "id")
    incident = Incident(
        source=key[0],
        subject=key[1],
        service=service,
        environment=_first_told(tellings, "environment", "id"),
        artifact=_first_told(tellings, "artifactId"),
        detected=min(_times(tellings, "incident.detected", "incident.reported")),
        resolved=_resolved(tellings),
        deployment=None,
        why="none",
    )
    why, cause = _cause(incident, tellings, deployed, window)
    if cause is None:
        return replace(incident, why=why)
    return replace(incident, why=why, deployment=cause.key)


def _first_told(tellings: Iterable[Event], *path: str) -> Any:
    return next((told for event in tellings if (told := _content(event, *path))), None)


def _times(tellings: Iterable[Event], *kinds: str) -> list[datetime]:
    return [_time(event) for event in tellings if _kind(event) in kinds]


def _resolved(tellings: Sequence[Event]) -> datetime | None:
    """Give the latest resolution, unless a detection is later."""
    ends = _times(tellings, "incident.resolved")
    if not ends or any(time > max(ends) for time in _times(tellings, "incident.detected")):
        return None
    return max(ends)


def _cause(
    incident: Incident,
    tellings: Sequence[Event],
    deployed: Sequence[Deployment],
    window: timedelta,
) -> tuple[str, Deployment | None]:
    """Give why and to which of the deployments, in their order, an incident belongs."""
    named_ids = [name for event in tellings if (name := _dora(event).get("deployment"))]
    linked_ids = [name for event in tellings for name in _links(event)]
    for why, ids in (("deployment", named_ids), ("link", linked_ids)):
        for one in (one for name in ids for one in deployed if one.id == name):
            return why, one
    before = [one for one in deployed if _is_where(one, incident) and one.time < incident.detected]
    if incident.artifact is not None:
        of_it = [one for one in before if one.artifact == incident.artifact]
        return ("artifact", of_it[-1]) if of_it else ("unknown", None)
    if named_ids:
        return "unknown", None
    if incident.service is None or not before or incident.detected - before[-1].time > window:
        return "none", None
    return "window", before[-1]


def _links(event: Event) -> list[str]:
    ends = [link.get("from") or link.get("target") or {} for link in _links_of(event)]
    return [end["contextId"] for end in ends if "contextId" in end]


def _links_of(event: Event) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = event["context"].get("links", [])
    return links


def _is_where(one: Deployment, incident: Incident) -> bool:
    return one.environment == incident.environment and incident.service in (None, one.service)


# Failure, recovery, rework.


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one deployment."""

    deployment: Key
    failed: bool
    incidents: tuple[Key, ...]
    rolled_back_by: Key | None


def failed(events: Iterable[Event], window: timedelta = WINDOW) -> list[Outcome]:
    """Give for each deployment whether it failed, and why."""
    deployed, found = deployments(events), incidents(events, window)
    rows: list[Outcome] = []
    for one in deployed:
        of_it = tuple(incident.key for incident in found if incident.deployment == one.key)
        following = _next(one, deployed)
        undone_by = following.key if following and following.is_rollback else None
        rows.append(
            Outcome(
                deployment=one.key,
                failed=bool(of_it) or undone_by is not None,
                incidents=of_it,
                rolled_back_by=undone_by,
            )
        )
    return rows


def _next(one: Deployment, deployed: Iterable[Deployment]) -> Deployment | None:
    later = [other for other in deployed if other.place == one.place and other.order > one.order]
    return min(later, key=lambda other: other.order, default=None)


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """The end of one failure; an open one has none."""

    deployment: Key
    recovered: datetime | None
    seconds: float | None


def recoveries(events: Iterable[Event], window: timedelta = WINDOW) -> list[Recovery]:
    """Give for each failed deployment when it was recovered from."""
    deployed = {one.key: one for one in deployments(events)}
    ends = {incident.key: incident.resolved for incident in incidents(events, window)}
    rows: list[Recovery] = []
    for outcome in (outcome for outcome in failed(events, window) if outcome.failed):
        resolved = [ends[key] for key in outcome.incidents]
        if not resolved and outcome.rolled_back_by:
            resolved = [deployed[outcome.rolled_back_by].time]
        known = [time for time in resolved if time is not None]
        recovered = max(known) if len(known) == len(resolved) else None
        took = seconds(deployed[outcome.deployment].time, recovered) if recovered else None
        rows.append(Recovery(deployment=outcome.deployment, recovered=recovered, seconds=took))
    return rows


@dataclass(frozen=True, kw_only=True)
class Rework:
    """Why one deployment was rework: "rollback", "incident", "unplanned", or nothing of these."""

    deployment: Key
    reasons: tuple[str, ...]


def rework(events: Iterable[Event], window: timedelta = WINDOW) -> list[Rework]:
    """Give for each deployment the reasons why it was rework."""
    found = incidents(events, window)
    rows: list[Rework] = []
    for one in deployments(events):
        there = [each for each in found if (each.service, each.environment) == one.place]
        reasons = {
            "rollback": one.is_rollback,
            "incident": any(incident.is_open_at(one.time) for incident in there),
            "unplanned": one.is_unplanned,
        }
        which = tuple(reason for reason, holds in reasons.items() if holds)
        rows.append(Rework(deployment=one.key, reasons=which))
    return rows


# The metrics.


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked for: from a moment to before another, by default of production."""

    start: datetime
    end: datetime
    service: str | None = None
    environment: str | None = None
    tier: str | None = "production"

    def covers(self, time: datetime, service: str | None, environment: str) -> bool:
        """Tell whether a row is asked for; one that names an environment may be of any tier."""
        is_of_tier = self.tier in (None, tier(environment)) or self.environment is not None
        return (
            self.start <= time < self.end
            and self.service in (None, service)
            and self.environment in (None, environment)
            and is_of_tier
        )

    def deployments(self, events: Iterable[Event]) -> dict[Key, Deployment]:
        """Give the deployments that are asked for."""
        return {
            one.key: one
            for one in deployments(events)
            if self.covers(one.time, one.service, one.environment)
        }


def tier(environment: str) -> str:
    """Give the tier of an environment, as it is at first."""
    for name, patterns in TIERS.items():
        if any(fnmatchcase(environment, pattern) for pattern in patterns):
            return name
    return "development"


def bucket_start(time: datetime, bucket: str) -> datetime:
    """Give the beginning of the day, week (Monday), month or year of a moment."""
    day = time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    starts: dict[str, Callable[[], datetime]] = {
        "day": lambda: day,
        "week": lambda: day - timedelta(days=day.weekday()),
        "month": lambda: day.replace(day=1),
        "year": lambda: day.replace(month=1, day=1),
    }
    return starts[bucket]()


def buckets(asked: Asked, bucket: str) -> list[tuple[datetime, Asked]]:
    """Give every bucket of the span: its beginning, and what is asked for within it."""
    found: list[tuple[datetime, Asked]] = []
    start = bucket_start(asked.start, bucket)
    while start < asked.end:
        # 32 days from the first are in the next month, 367 in the next year.
        step = {"day": 1, "week": 7, "month": 32, "year": 367}[bucket]
        end = bucket_start(start + timedelta(days=step), bucket)
        within = replace(asked, start=max(start, asked.start), end=min(end, asked.end))
        found.append((start, within))
        start = end
    return found


def percentile(values: Iterable[float], part: float) -> float | None:
    """Give a percentile, interpolated; None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(values: Iterable[float]) -> float | None:
    """Give the median; of an even number, the middle of the two."""
    return percentile(values, 0.5)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A part of a whole: `count` is the whole; without one the rate is None."""

    count: int
    value: float | None


def _rate(holds: Sequence[bool]) -> Rate:
    return Rate(count=len(holds), value=sum(holds) / len(holds) if holds else None)


@dataclass(frozen=True, kw_only=True)
class Durations:
    """The percentiles of `count` durations in seconds."""

    count: int
    p50: float | None
    p75: float | None
    p90: float | None
    p95: float | None


def _durations(values: Sequence[float]) -> Durations:
    p50, p75, p90, p95 = (percentile(values, part) for part in (0.5, 0.75, 0.9, 0.95))
    return Durations(count=len(values), p50=p50, p75=p75, p90=p90, p95=p95)


def deployment_frequency(events: Iterable[Event], asked: Asked) -> Rate:
    """Give the number of deployments, and how many that is a day."""
    count = len(asked.deployments(events))
    days = (asked.end - asked.start) / timedelta(days=1)
    return Rate(count=count, value=count / days if days else None)


def volume(events: Iterable[Event], bucket: str) -> list[tuple[str, datetime, int]]:
    """Give service, bucket and number of deployments, of all environments."""
    found = [(one.service, bucket_start(one.time, bucket)) for one in deployments(events)]
    return [(*place, found.count(place)) for place in sorted(set(found))]


@dataclass(frozen=True, kw_only=True)
class LeadTime:
    """Lead times, the medians of their stages, and the deployments without a known change."""

    durations: Durations
    commit_to_opened: float | None
    opened_to_merged: float | None
    merged_to_deployed: float | None
    unlinked: int


def lead_time(events: Iterable[Event], asked: Asked) -> LeadTime:
    """Give the lead time for changes."""
    within = asked.deployments(events)
    rows = [row for row in shipped(events) if row.deployment in within]
    stages: dict[str, list[Ends]] = {
        "commit_to_opened": [(row.change.committed, row.change.opened) for row in rows],
        "opened_to_merged": [(row.change.opened, row.change.merged) for row in rows],
        "merged_to_deployed": [(row.change.merged, within[row.deployment].time) for row in rows],
    }
    return LeadTime(
        durations=_durations([row.lead_time_seconds for row in rows]),
        **{stage: _median_between(ends) for stage, ends in stages.items()},
        unlinked=sum(key in within for key in unlinked(events)),
    )


def _median_between(ends: Iterable[Ends]) -> float | None:
    return median(seconds(start, end) for start, end in ends if start and end)


def change_failure_rate(events: Iterable[Event], asked: Asked, window: timedelta = WINDOW) -> Rate:
    """Give the part of the deployments, rollbacks left out, that failed."""
    within = asked.deployments(events)
    return _rate(
        [
            outcome.failed
            for outcome in failed(events, window)
            if outcome.deployment in within and not within[outcome.deployment].is_rollback
        ]
    )


@dataclass(frozen=True, kw_only=True)
class RecoveryTime:
    """Recovery times, the failed deployments that are still open, and the time to restore."""

    durations: Durations
    open: int
    time_to_restore: float | None


def recovery_time(
    events: Iterable[Event], asked: Asked, window: timedelta = WINDOW
) -> RecoveryTime:
    """Give the failed deployment recovery time."""
    within = asked.deployments(events)
    took = [row.seconds for row in recoveries(events, window) if row.deployment in within]
    restored = [
        seconds(incident.detected, incident.resolved)
        for incident in incidents(events, window)
        if incident.resolved
        and asked.covers(incident.detected, incident.service, incident.environment)
    ]
    return RecoveryTime(
        durations=_durations([value for value in took if value is not None]),
        open=took.count(None),
        time_to_restore=median(restored),
    )


def rework_rate(events: Iterable[Event], asked: Asked, window: timedelta = WINDOW) -> Rate:
    """Give the part of the deployments that were rework."""
    within = asked.deployments(events)
    return _rate([bool(row.reasons) for row in rework(events, window) if row.deployment in within])
