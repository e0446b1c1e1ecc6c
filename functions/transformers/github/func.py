"""Turn what happens on GitHub into CDEvents of changes, services, artifacts, incidents, pipelines.

docs/events.md has the rules as a table; what a field means is in
https://docs.github.com/en/webhooks/webhook-events-and-payloads. Knative's GitHubSource writes payloads
anew and loses fields, so only those are needed that both ways in have.
"""

from __future__ import annotations

import json
from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.tools import changes
from dora.tools.artifacts import source_purl
from dora.tools.incidents import incident_content, is_incident
from dora.tools.payloads import (
    get,
    listed,
    number,
    require_object,
    sha,
    sha_or_none,
    text,
    text_or_none,
    time,
    time_or_none,
    url,
)

TYPES = "dev.knative.source.github."
OUTCOMES = {
    "success": "success",
    "neutral": "success",
    "failure": "failure",
    "cancelled": "cancel",
    "skipped": "cancel",
    "stale": "cancel",
    "timed_out": "error",
    "startup_failure": "error",
    "action_required": "error",
}
RUNS = {"requested": "queued", "in_progress": "started", "completed": "finished"}


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what the event means; most mean nothing."""
    event = context.cloud_event
    cdevents_of = EVENTS.get(event["type"].removeprefix(TYPES))
    return cdevents_of(require_object(event)) if cdevents_of else []


def push(payload: Any) -> list[CloudEvent]:
    """A push to the default branch is one event with all its commits."""
    branch = default_branch(payload)
    if not changes.reaches(payload, branch):
        return []
    when = time_or_none(payload, "repository", "pushed_at")
    when = when or time(payload, "head_commit", "timestamp")
    repository = repository_of(payload)
    return [changes.pushed(payload, repository=repository, branch=branch, time=when)]


def pull_request(payload: Any) -> list[CloudEvent]:
    """A pull request to the default branch is a change: created, then merged or abandoned."""
    pull, repository = get(payload, "pull_request"), repository_of(payload)
    if get(pull, "base", "ref") != default_branch(payload):
        return []
    subject = f"pull/{number(pull, 'number')}"
    match get(payload, "action"):
        case "opened":
            opened = time(pull, "created_at")
            return [changes.unmerged("created", subject, repository=repository, time=opened)]
        case "closed" if time_or_none(pull, "merged_at"):
            return [merged(payload, subject)]
        case "closed":
            closed = time(pull, "closed_at")
            return [changes.unmerged("abandoned", subject, repository=repository, time=closed)]
    return []


def merged(payload: Any, subject: str) -> CloudEvent:
    """Name the commit that the merge made, and when the pull request was opened."""
    pull = get(payload, "pull_request")
    commit, head = sha(pull, "merge_commit_sha"), sha_or_none(pull, "head", "sha")
    # A commit that was there before has a time of its own, which its push tells.
    opened_at = None if commit == head else time_or_none(pull, "created_at")
    return changes.merged(
        subject,
        repository=repository_of(payload),
        branch=text(pull, "base", "ref"),
        time=time(pull, "merged_at"),
        commit={"sha": commit},
        head=head,
        opened_at=opened_at,
    )


def deployment_status(payload: Any) -> list[CloudEvent]:
    """A deployment that succeeded is one of the service, whatever its later states."""
    if get(payload, "deployment_status", "state") != "success":
        return []
    repository, deployment = repository_of(payload), get(payload, "deployment")
    told, commit = told_by_deployer(deployment), sha(deployment, "sha")
    return [
        cdevents.build(
            "service.deployed",
            identity=("deployment", number(deployment, "id")),
            source=repository,
            time=time(payload, "deployment_status", "created_at"),
            subject_id=text_or_none(told, "service") or repository.rpartition("/")[2],
            content={
                "environment": {"id": text(deployment, "environment")},
                "artifactId": source_purl("github", repository, commit),
            },
            dora={
                "commit": commit,
                "repository": repository,
                "unplanned": True if get(told, "unplanned") is True else None,
            },
        )
    ]


def told_by_deployer(deployment: Any) -> Any:
    """Give the deployment's own payload, which may be an object or the text of one."""
    told = get(deployment, "payload")
    try:
        return json.loads(told) if isinstance(told, str) else told
    except (ValueError, RecursionError):
        return None


def release(payload: Any) -> list[CloudEvent]:
    """A release that is published is an artifact."""
    if get(payload, "action") != "published":
        return []
    repository, tag = repository_of(payload), text(payload, "release", "tag_name")
    author = text_or_none(payload, "release", "author", "login")
    return [
        cdevents.build(
            "artifact.published",
            identity=("release", number(payload, "release", "id"), "published"),
            source=repository,
            time=time(payload, "release", "published_at"),
            subject_id=source_purl("github", repository, tag),
            content={"user": author} if author else {},
            dora={
                "commit": sha_or_none(payload, "release", "target_commitish"),
                "repository": repository,
            },
        )
    ]


def issues(payload: Any) -> list[CloudEvent]:
    """An issue with an incident's label is an incident while it is open and has the label."""
    issue, action = get(payload, "issue"), get(payload, "action")
    is_one, closed = is_incident(labels(issue)), time_or_none(issue, "closed_at")
    is_its_label = is_incident([text_or_none(payload, "label", "name") or ""])
    if action == "unlabeled" and is_its_label and not is_one and not closed:
        return [incident(payload, "resolved", time(issue, "updated_at"))]
    if not is_one:
        return []
    if action == "opened" or (action == "labeled" and is_its_label):
        detected = incident(payload, "detected", time(issue, "created_at"))
        return [detected, incident(payload, "resolved", closed)] if closed else [detected]
    if action == "closed":
        return [incident(payload, "resolved", time(issue, "closed_at"))]
    if action == "reopened":
        return [incident(payload, "detected", time(issue, "updated_at"))]
    return []


def incident(payload: Any, predicate: str, when: str) -> CloudEvent:
    """Build the CDEvent of an incident; it keeps its id from first to last."""
    repository, issue = repository_of(payload), get(payload, "issue")
    title = text_or_none(issue, "title")
    return cdevents.build(
        f"incident.{predicate}",
        identity=("issue", number(issue, "number"), predicate, when),
        source=repository,
        time=when,
        subject_id=f"{repository}/issues/{number(issue, 'number')}",
        content=incident_content(labels(issue), repository=repository, title=title),
    )


def labels(issue: Any) -> list[str]:
    """Give the names of an issue's labels."""
    names = [text_or_none(label, "name") for label in listed(issue, "labels")]
    return [name for name in names if name]


def workflow_run(payload: Any) -> list[CloudEvent]:
    """Each attempt of a run is queued, started and finished."""
    run, predicate = get(payload, "workflow_run"), RUNS.get(str(get(payload, "action")))
    if predicate is None:
        return []
    repository, attempt = repository_of(payload), attempt_of(run)
    uri = f"{repository}/actions/runs/{number(run, 'id')}/attempts/{attempt}"
    outcome = OUTCOMES.get(str(get(run, "conclusion")))
    content = {"pipelineName": text_or_none(run, "name") or repository, "uri": uri}
    ended = {"outcome": outcome} if predicate == "finished" and outcome else {}
    started = time_or_none(run, "run_started_at") or time(run, "created_at")
    return [
        cdevents.build(
            f"pipelineRun.{predicate}",
            identity=("run", number(run, "id"), attempt, predicate),
            source=repository,
            time=time(run, "updated_at") if predicate == "finished" else started,
            subject_id=uri,
            content=content | ended,
        )
    ]


def attempt_of(run: Any) -> str:
    """Give the number of a run's attempt; the first may have none."""
    return "1" if get(run, "run_attempt") is None else number(run, "run_attempt")


def repository_of(payload: Any) -> str:
    """Give the repository's URL, which is the source of all that happens in it."""
    return url(payload, "repository", "html_url")


def default_branch(payload: Any) -> str:
    """Give the name of the repository's main line."""
    return text(payload, "repository", "default_branch")


EVENTS = {
    "push": push,
    "pull_request": pull_request,
    "deployment_status": deployment_status,
    "release": release,
    "issues": issues,
    "workflow_run": workflow_run,
}
