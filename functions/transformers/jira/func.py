"""Turn Jira's issues into incidents, where they are of such a type, and else into tickets.

https://developer.atlassian.com/cloud/jira/platform/webhooks/ has the events. Settings:
    INCIDENT_TYPES  the issue types that are incidents
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.settings import settings
from dora.tools import services
from dora.tools.payloads import fields, get, listed, text, time, word


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit what happened to the issue."""
    source, told = context.cloud_event["source"], context.cloud_event.data
    issue = fields(told, "issue")
    kind = word(issue, "fields", "issuetype", "name")
    happened = happening(told)
    if not happened:
        return None
    if kind in settings("INCIDENT_TYPES", "Incident,[System] Incident"):
        return incident(source, told, issue, happened)
    return ticket(source, told, issue, happened)


def happening(told: Any) -> str | None:
    """Say whether the issue was created, updated, resolved, reopened or deleted."""
    event = word(told, "webhookEvent") or ""
    if event != "jira:issue_updated":
        return {"jira:issue_created": "created", "jira:issue_deleted": "deleted"}.get(event)
    changes = [
        change
        for change in listed(told, "changelog", "items")
        if get(change, "field") == "resolution"
    ]
    if not changes:
        return "updated"
    was, now = word(changes[-1], "from"), word(changes[-1], "to")
    return "resolved" if now and not was else "reopened" if was and not now else "updated"


def incident(source: str, told: Any, issue: dict[str, Any], happened: str) -> CloudEvent | None:
    """Make the CDEvent of an incident; one that is deleted is over."""
    predicates = {"created": "detected", "reopened": "detected"}
    predicates |= {"resolved": "resolved", "deleted": "resolved"}
    if happened not in predicates:
        return None
    moment, where = moment_of(told, issue, happened), affected(issue)
    return cdevents.build(
        f"incident.{predicates[happened]}",
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
    """Give what CDEvents have a field for."""
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
    """Give a person's name as people read it."""
    return word(told, role, "displayName") or word(told, role, "accountId")


def address(issue: dict[str, Any]) -> str:
    """Give where to look at the issue."""
    return f"{text(issue, 'self').partition('/rest/')[0]}/browse/{text(issue, 'key')}"


def moment_of(told: Any, issue: dict[str, Any], happened: str) -> str:
    """Give when it happened: the issue's own time where it has one for this, else the event's."""
    own = {"created": "created", "resolved": "resolutiondate"}.get(happened, "")
    found = own and word(issue, "fields", own)
    return time(issue, "fields", own) if found else time(told, "timestamp")
