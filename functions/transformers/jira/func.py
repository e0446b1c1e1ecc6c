"""Turn Jira's issues into incidents, where they are of such a type, and else into tickets.

https://developer.atlassian.com/cloud/jira/platform/webhooks/ has the events. Settings:
    INCIDENT_TYPES   the issue types that are incidents
    INCIDENT_LABELS  the labels that make an issue of any type one
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.settings import settings
from dora.times import seconds_between
from dora.tools import incidents, services
from dora.tools.payloads import fields, get, listed, text, time, time_or_none, word
from dora.tools.shapes import require_known

# A status of another category is reported at once.
AT_ONCE_SECONDS = 60


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what happened to the issue."""
    source, told = context.cloud_event["source"], context.cloud_event.data
    require_known("jira", told)
    issue = issue_of(told)
    happened = happening(told, issue)
    if not happened:
        return []
    if is_incident(issue) or was_incident(told, issue):
        found = moments_of(told, issue, happened)
        return [incident(source, issue, what, moment) for what, moment in found]
    return [ticket(source, told, issue, happened)]


def issue_of(told: Any) -> dict[str, Any]:
    """Return the issue; a rule of Jira's automation may post nothing else."""
    return fields(told, "issue") or (told if fields(told, "fields") else {})


def happening(told: Any, issue: dict[str, Any]) -> str | None:
    """Say whether the issue was created, updated, resolved, reopened or deleted."""
    event = word(told, "webhookEvent")
    if not event and issue:
        return "resolved" if is_over(issue) else "created"
    if event != "jira:issue_updated":
        return {"jira:issue_created": "created", "jira:issue_deleted": "deleted"}.get(event or "")
    if not change(told, "resolution") and not change(told, "status"):
        return "updated"
    if is_over(issue):
        return "resolved"
    return "reopened" if change(told, "resolution") or is_of_another_category(told) else "updated"


def is_of_another_category(told: Any) -> bool:
    """Return whether the category of the status changed just now; where Jira does not say, it may have."""
    since = time_or_none(told, "issue", "fields", "statuscategorychangedate")
    now = time_or_none(told, "timestamp")
    if not since or not now:
        return True
    return seconds_between(since, now) <= AT_ONCE_SECONDS


def is_over(issue: dict[str, Any]) -> bool:
    """Return whether the issue has a resolution, or a status of the category done."""
    category = word(issue, "fields", "status", "statusCategory", "key")
    return category == "done" or bool(get(issue, "fields", "resolution"))


def change(told: Any, name: str) -> Any:
    """Return what was changed of a field, or None."""
    changes = listed(told, "changelog", "items")
    return next((each for each in reversed(changes) if get(each, "field") == name), None)


def is_incident(issue: dict[str, Any]) -> bool:
    """Return whether the issue is of an incident's type, or has an incident's label."""
    labels = [label for label in listed(issue, "fields", "labels") if isinstance(label, str)]
    return is_one(word(issue, "fields", "issuetype", "name"), labels)


def was_incident(told: Any, issue: dict[str, Any]) -> bool:
    """Return whether the issue was one before what was changed now."""
    kind, labels = change(told, "issuetype"), change(told, "labels")
    now = word(issue, "fields", "issuetype", "name"), listed(issue, "fields", "labels")
    return is_one(
        word(kind, "fromString") if kind else now[0],
        (word(labels, "fromString") or "").split() if labels else [str(label) for label in now[1]],
    )


def is_one(kind: str | None, labels: list[str]) -> bool:
    """Return whether an issue of this type and with these labels is an incident."""
    types = settings("INCIDENT_TYPES", "Incident,[System] Incident")
    return kind in types or incidents.is_incident(labels)


def moments_of(told: Any, issue: dict[str, Any], happened: str) -> list[tuple[str, str]]:
    """Return what happened to an incident, and when; one that is deleted, or becomes another issue, is over."""
    is_now, was = is_incident(issue), was_incident(told, issue)
    if happened == "created":
        return beginnings(issue)
    if happened == "deleted" or is_now == was:
        return [] if happened == "updated" else [(happened, moment_of(told, issue, happened))]
    if not is_now:
        return [] if is_over(issue) else [("resolved", time(told, "timestamp"))]
    made = ("created", moment_of(told, issue, "created"))
    if is_over(issue):
        return [made, ("resolved", moment_of(told, issue, "resolved"))]
    return [made, ("reopened", time(told, "timestamp"))]  # it may have been one before


def beginnings(issue: dict[str, Any]) -> list[tuple[str, str]]:
    """Return when an open issue began, and when it got its status, since it may have been over before."""
    made = time(issue, "fields", "created")
    since = time_or_none(issue, "fields", "statuscategorychangedate")
    is_later = since and seconds_between(made, since) > AT_ONCE_SECONDS
    return [("created", made), *([("reopened", since)] if since and is_later else [])]


def incident(source: str, issue: dict[str, Any], happened: str, moment: str) -> CloudEvent:
    """Make the CDEvent of an incident that is detected or resolved at a moment."""
    predicate = "detected" if happened in ("created", "reopened") else "resolved"
    where = affected(issue)
    return cdevents.build(
        f"incident.{predicate}",
        identity=(text(issue, "id"), happened, moment),
        source=source,
        time=moment,
        subject_id=text(issue, "id"),
        content=where.content | {"description": word(issue, "fields", "summary") or ""},
        dora=where.dora | {"url": address(issue)},
    )


def affected(issue: dict[str, Any]) -> services.Where:
    """Return the service: the issue's first component, by all of them and by the project's key."""
    components = [word(each, "name") for each in listed(issue, "fields", "components")]
    project = word(issue, "fields", "project", "key")
    return services.affected(*components, project, service=next(iter(components), None))


def ticket(source: str, told: Any, issue: dict[str, Any], happened: str) -> CloudEvent:
    """Make the CDEvent of an issue that is no incident."""
    predicates = {"created": "created", "resolved": "closed", "deleted": "closed"}
    predicate, moment = predicates.get(happened, "updated"), moment_of(told, issue, happened)
    more: dict[str, Any] = {}
    if predicate == "closed":
        resolution = word(issue, "fields", "resolution", "name")
        more = {"resolution": "withdrawn" if happened == "deleted" else resolution or "completed"}
    return cdevents.build(
        f"ticket.{predicate}",
        identity=(text(issue, "id"), happened, moment),
        source=source,
        time=moment,
        subject_id=text(issue, "key"),
        content=content_of(issue) | more,
    )


def content_of(issue: dict[str, Any]) -> dict[str, Any]:
    """Return what CDEvents have a field for."""
    told = fields(issue, "fields")
    content = {
        "summary": word(told, "summary") or "",
        "creator": person(told, "creator") or person(told, "reporter") or "unknown",
        "uri": address(issue),
        "ticketType": word(told, "issuetype", "name"),
        "group": word(told, "project", "key"),
        "assignees": [name for name in [person(told, "assignee")] if name],
        "priority": word(told, "priority", "name"),
        "labels": [label for label in listed(told, "labels") if isinstance(label, str)],
    }
    return {name: value for name, value in content.items() if value is not None}


def person(told: dict[str, Any], role: str) -> str | None:
    """Return a person's name as people read it."""
    return word(told, role, "displayName") or word(told, role, "accountId")


def address(issue: dict[str, Any]) -> str:
    """Return where to look at the issue."""
    return f"{text(issue, 'self').partition('/rest/')[0]}/browse/{text(issue, 'key')}"


def moment_of(told: Any, issue: dict[str, Any], happened: str) -> str:
    """Return when it happened: the issue's own time where it has one for this, else the event's."""
    own = {"created": "created", "resolved": "resolutiondate"}.get(happened, "")
    found = time_or_none(issue, "fields", own) or time_or_none(told, "timestamp")
    found = found or time_or_none(issue, "fields", "statuscategorychangedate")
    return found or time(issue, "fields", "updated")
