"""CDEvents of what happens to services, in few words; times are minutes of a day in January."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.events import cdevent

Event = dict[str, Any]
DAY = 24 * 60
START = datetime(2026, 1, 5, tzinfo=UTC)


def at(minute: float) -> datetime:
    """Return a moment by its minute; Monday, 5 January 2026, begins with minute 0."""
    return START + timedelta(minutes=minute)


def time_of(minute: float) -> str:
    """Return a moment as events write it."""
    return at(minute).isoformat().replace("+00:00", "Z")


def with_time(time: str, event: Event) -> Event:
    """Return an event a time in these words, such as one of another offset."""
    event["context"]["timestamp"] = time
    return event


def deployed(event_id: str, minute: float, **parts: Any) -> Event:
    """Make a deployment of shop to production.

    Args:
        event_id: its id.
        minute: when it was done.
        parts: kind, source, service, environment, artifact; all else goes to customData.dora.
    """
    content = {
        "environment": {"id": parts.pop("environment", "production")},
        "artifactId": parts.pop("artifact", f"pkg:oci/shop?tag={event_id}"),
    }
    return _event(
        f"service.{parts.pop('kind', 'deployed')}",
        {"id": event_id, "time": time_of(minute), "subject": parts.pop("service", "shop")},
        content,
        parts,
    )


def removed(event_id: str, minute: float, **parts: Any) -> Event:
    """Make a removal of shop from production."""
    event = deployed(event_id, minute, kind="removed", **parts)
    del event["subject"]["content"]["artifactId"]
    return event


def revision(number: int, template: str, minute: float, **parts: Any) -> Event:
    """Make a deployment that is a revision of the Kubernetes Deployment u1, or of another uid."""
    uid = parts.pop("uid", "u1")
    named = {"uid": uid, "revision": number, "templateFingerprint": template}
    return deployed(
        f"{uid}-{number}", minute, **{"artifact": "pkg:oci/shop?tag=1", **named, **parts}
    )


def merged(
    subject: str, minute: float, *commits: str | tuple[str, float] | Event, **parts: Any
) -> Event:
    """Make a change.merged in the branch main of acme/shop.

    Args:
        subject: its commit, or the number of its pull request.
        minute: when it was merged.
        commits: the commits that it names, each with the minute of its commit where that is known,
            or as it stands in the event.
        parts: id, source, repository, branch, opened (a minute); one that is None is left out.
    """
    listed = [_commit(one) for one in commits]
    opened = parts.pop("opened", None)
    repository = parts.pop("repository", "acme/shop")
    custom = {
        "commits": listed or None,
        "branch": parts.pop("branch", "main"),
        "openedAt": None if opened is None else time_of(opened),
    }
    event_id = parts.pop("id", f"merged-{repository}-{custom['branch']}-{subject}-{minute}")
    return _event(
        "change.merged",
        {"id": event_id, "time": time_of(minute), "subject": subject},
        {} if repository is None else {"repository": {"id": repository}},
        custom | parts,
    )


def _commit(named: str | tuple[str, float] | Event) -> Event:
    if isinstance(named, tuple):
        return {"sha": named[0], "committedAt": time_of(named[1])}
    return {"sha": named} if isinstance(named, str) else named


def packaged(artifact: str, change: str, minute: float = 0, **parts: Any) -> Event:
    """Make an artifact.packaged of a change."""
    event_id = parts.pop("id", f"packaged-{artifact}-{change}")
    named = {"id": event_id, "time": time_of(minute), "subject": artifact}
    return _event("artifact.packaged", named, {"change": {"id": change}}, parts)


def published(artifact: str, minute: float = 0, **parts: Any) -> Event:
    """Make an artifact.published."""
    event_id = parts.pop("id", f"published-{artifact}")
    named = {"id": event_id, "time": time_of(minute), "subject": artifact}
    return _event("artifact.published", named, {}, parts)


def incident(kind: str, minute: float, **parts: Any) -> Event:
    """Make an event of incident 1 of shop in production.

    Args:
        kind: detected, reported or resolved.
        minute: when it was.
        parts: id, source, subject, service, environment, artifact, links; one that is None is left
            out; all else goes to customData.dora.
    """
    service, artifact = parts.pop("service", "shop"), parts.pop("artifact", None)
    content: Event = {"environment": {"id": parts.pop("environment", "production")}}
    content |= {"service": {"id": service}} if service else {}
    content |= {"artifactId": artifact} if artifact else {}
    content |= {"ticketURI": "https://tickets.example/1"} if kind == "reported" else {}
    subject = parts.pop("subject", "1")
    event_id = parts.pop("id", f"incident-{subject}-{kind}-{minute}")
    named = {"id": event_id, "time": time_of(minute), "subject": subject}
    return _event(f"incident.{kind}", named, content, parts)


def _event(kind: str, named: dict[str, str], content: Event, parts: Event) -> Event:
    """Put an event together: its source and links, and what is left in customData.dora."""
    source, links = parts.pop("source", "/tests"), parts.pop("links", None)
    custom = {name: value for name, value in parts.items() if value is not None}
    event = cdevent(
        kind, source=source, content=content, **named, **({"custom": custom} if custom else {})
    )
    if links:
        event["context"]["links"] = links
    return event
