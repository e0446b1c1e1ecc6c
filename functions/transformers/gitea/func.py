"""Turn what happens on Gitea or Forgejo into CDEvents of changes, services, artifacts, incidents, runs.

https://docs.gitea.com/usage/webhooks and https://forgejo.org/docs/latest/user/webhooks/ have the
events, which are made after GitHub's; only runs differ, and Forgejo's from Gitea's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.function import on_event
from dora.settings import deploy_workflows, matches
from dora.tools import changes, forges
from dora.tools.deployments import deployed, place_of
from dora.tools.incidents import is_incident
from dora.tools.payloads import (
    fields,
    get,
    listed,
    number,
    sha,
    text_or_none,
    time,
    time_or_none,
    url,
)
from dora.tools.runs import run
from dora.tools.shapes import by_type

if TYPE_CHECKING:
    from dora.tools.repositories import Repository

TYPES = "dev.dora.webhooks.gitea."
RUNS = {
    "requested": "queued",
    "queued": "queued",
    "waiting": "queued",
    "in_progress": "started",
    "completed": "finished",
}
OUTCOMES = {
    "success": "success",
    "failure": "failure",
    "cancelled": "cancel",
    "canceled": "cancel",
    "skipped": "cancel",
}
# What Forgejo calls the parts of a run → what Gitea does.
FORGEJO = {
    "id": "id",
    "workflow_id": "name",
    "event": "event",
    "commit_sha": "head_sha",
    "html_url": "html_url",
    "started": "started_at",
    "stopped": "completed_at",
}


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what the event means; most mean nothing."""
    return by_type(context.cloud_event, TYPES, EVENTS)


def push(payload: Any) -> list[CloudEvent]:
    """A push to a branch that counts is one event with the newest of its commits, five at first."""
    repository = repository_of(payload)
    if not changes.reaches(payload, repository):
        return []
    return [changes.pushed(payload, repository, time=time(payload, "head_commit", "timestamp"))]


def pull_request(payload: Any) -> list[CloudEvent]:
    """A pull request to a branch that counts is a change: created, then merged or abandoned."""
    return forges.pull_request(payload, repository_of(payload))


def release(payload: Any) -> list[CloudEvent]:
    """A release that is published is an artifact."""
    return forges.release(payload, repository_of(payload))


def issues(payload: Any) -> list[CloudEvent]:
    """An issue with an incident's label is an incident while it is open and has it."""
    found, action = get(payload, "issue"), get(payload, "action")
    incident = forges.incident(found, repository_of(payload))
    is_one, is_open = is_incident(incident.labels), not time_or_none(found, "closed_at")
    match action:
        case "opened" | "label_updated" if is_one:
            got = forges.names(listed(payload, "changes", "added_labels"))
            return forges.detected(found, incident, is_new=is_incident(got))
        case "closed" if is_one:
            return [incident.event("resolved", time(found, "closed_at"))]
        case "reopened" if is_one:
            return [incident.event("detected", time(found, "updated_at"))]
    lost = forges.names(listed(payload, "changes", "removed_labels"))
    is_gone = action == "deleted" and is_one
    is_over = is_open and (is_gone or (is_incident(lost) and not is_one))
    return [incident.event("resolved", time(found, "updated_at"))] if is_over else []


def workflow_run(payload: Any) -> list[CloudEvent]:
    """Gitea's runs are queued, started and finished."""
    found, predicate = fields(payload, "workflow_run"), RUNS.get(str(get(payload, "action")))
    if predicate is None or time_or_none(found, "started_at") is None:
        return []  # it waits, and Gitea does not say since when
    return ran(
        repository_of(payload),
        found | {"name": get(payload, "workflow", "name")},
        predicate,
        outcome=OUTCOMES.get(str(get(found, "conclusion")), "error"),
    )


def action_run(payload: Any) -> list[CloudEvent]:
    """Forgejo reports runs when they have ended, and calls their parts otherwise."""
    found = get(payload, "run")
    named = {new: get(found, old) for old, new in FORGEJO.items()}
    outcome = OUTCOMES.get(str(get(found, "status")), "error")
    return ran(repository_of(found), named, "finished", outcome=outcome)


def ran(repository: Repository, found: Any, predicate: str, *, outcome: str) -> list[CloudEvent]:
    """Report a run, which may run again under its number; one that deploys is a deployment too."""
    name, started = text_or_none(found, "name"), time(found, "started_at")
    identity = ("run", number(found, "id"), started)
    done = time(found, "completed_at") if predicate == "finished" else started
    uri = url(found, "html_url")
    reported = run(
        predicate,
        repository,
        identity=identity,
        time=done,
        uri=uri,
        name=name,
        outcome=outcome,
    )
    is_good = predicate == "finished" and outcome == "success"
    is_check = str(get(found, "event")).startswith("pull_request")
    if not is_good or is_check or not matches(name, deploy_workflows()):
        return [reported]
    place, commit = place_of(str(name)), sha(found, "head_sha")
    return [
        reported,
        deployed(
            repository, place, identity=identity, commit=commit, time=done, started_at=started
        ),
    ]


def workflow_job(payload: Any) -> list[CloudEvent]:
    """A job that succeeded is a deployment where its name says so."""
    return forges.job(payload, repository_of(payload))


def repository_of(payload: Any) -> Repository:
    """Return the repository, whose URL is the source of all that happens in it."""
    return forges.repository_of("gitea", payload)


EVENTS = {
    "push": push,
    "pull_request": pull_request,
    "release": release,
    "issues": issues,
    "workflow_run": workflow_run,
    "workflow_job": workflow_job,
    "action_run_success": action_run,
    "action_run_failure": action_run,
    "action_run_recover": action_run,
}
