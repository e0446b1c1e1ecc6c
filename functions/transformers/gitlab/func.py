"""Turn what happens on GitLab into CDEvents of changes, services, artifacts, incidents, pipelines.

docs/events.md has the rules as a table; what a field means is in
https://docs.gitlab.com/user/project/integrations/webhook_events/.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.errors import PermanentError
from dora.function import on_event
from dora.tools import changes
from dora.tools.artifacts import source_purl
from dora.tools.incidents import incident_content, is_incident
from dora.tools.payloads import (
    fields,
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

TYPES = "dev.knative.sources.gitlab."
RUNS = {
    "created": "queued",
    "waiting_for_resource": "queued",
    "preparing": "queued",
    "pending": "queued",
    "running": "started",
    "success": "finished",
    "failed": "finished",
    "canceled": "finished",
    "skipped": "finished",
}
OUTCOMES = {"success": "success", "failed": "failure", "canceled": "cancel", "skipped": "cancel"}


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what the event means; most mean nothing."""
    event = context.cloud_event
    cdevents_of = EVENTS.get(event["type"].removeprefix(TYPES))
    return cdevents_of(require_object(event)) if cdevents_of else []


def push(payload: Any) -> list[CloudEvent]:
    """A push to the default branch is one event with the commits that GitLab lists, at most 20."""
    branch, total = default_branch(payload), get(payload, "total_commits_count")
    if not changes.reaches(payload, branch):
        return []
    is_cut = isinstance(total, int) and total > len(listed(payload, "commits"))
    return [
        changes.pushed(
            payload,
            repository=repository_of(payload),
            branch=branch,
            time=pushed_at(payload),
            total=total if is_cut else None,
        )
    ]


def pushed_at(payload: Any) -> str:
    """Give the time of the newest commit; GitLab does not tell when it was pushed."""
    made = [time_or_none(one, "timestamp") for one in listed(payload, "commits")]
    newest = max((one for one in made if one), default=None)
    if newest is None:
        raise PermanentError("expected a commit with a timestamp, got none")
    return newest


def merge_request(payload: Any) -> list[CloudEvent]:
    """A merge request to the default branch is a change: created, then merged or abandoned."""
    request, repository = get(payload, "object_attributes"), repository_of(payload)
    if get(request, "target_branch") != default_branch(payload):
        return []
    subject = f"merge_requests/{number(request, 'iid')}"
    match get(request, "action"):
        case "open":
            opened = time(request, "created_at")
            return [changes.unmerged("created", subject, repository=repository, time=opened)]
        case "merge":
            return merged(payload, subject)
        case "close":
            closed = time(request, "updated_at")
            return [changes.unmerged("abandoned", subject, repository=repository, time=closed)]
    return []


def merged(payload: Any, subject: str) -> list[CloudEvent]:
    """Name the commit that the merge made, and when the merge request was opened."""
    request = get(payload, "object_attributes")
    made = sha_or_none(request, "merge_commit_sha") or sha_or_none(request, "squash_commit_sha")
    if made is None and get(request, "squash") is True:
        return []  # squashed and fast-forwarded: only the push names the commit
    # A fast-forward makes no commit: the head itself reaches the branch, with a time of its own.
    commit = {"sha": made} if made else changes.commit_of(get(request, "last_commit"))
    return [
        changes.merged(
            subject,
            repository=repository_of(payload),
            branch=text(request, "target_branch"),
            time=time_or_none(request, "merged_at") or time(request, "updated_at"),
            commit=commit,
            head=sha_or_none(request, "last_commit", "id"),
            opened_at=time_or_none(request, "created_at"),
        )
    ]


def deployment(payload: Any) -> list[CloudEvent]:
    """A deployment that succeeded is one of the service; its full commit is only in a URL."""
    if get(payload, "status") != "success":
        return []
    repository = repository_of(payload)
    link = {"commit_url": url(payload, "commit_url").rpartition("/")[2]}
    commit = sha(link, "commit_url")
    return [
        cdevents.build(
            "service.deployed",
            identity=("deployment", number(payload, "deployment_id")),
            source=repository,
            time=time(payload, "status_changed_at"),
            subject_id=repository.rpartition("/")[2],
            content={
                "environment": {"id": text(payload, "environment")},
                "artifactId": source_purl("gitlab", repository, commit),
            },
            dora={"commit": commit, "repository": repository},
        )
    ]


def release(payload: Any) -> list[CloudEvent]:
    """A release is an artifact."""
    if get(payload, "action") != "create":
        return []
    repository, tag = repository_of(payload), text(payload, "tag")
    return [
        cdevents.build(
            "artifact.published",
            identity=("release", tag, "published"),
            source=repository,
            time=time_or_none(payload, "released_at") or time(payload, "created_at"),
            subject_id=source_purl("gitlab", repository, tag),
            content={},
            dora={"commit": sha_or_none(payload, "commit", "id"), "repository": repository},
        )
    ]


def issue(payload: Any) -> list[CloudEvent]:
    """An incident, or an issue with an incident's label, is one while it is open."""
    found, labels = get(payload, "object_attributes"), labels_of(payload, "labels")
    is_one = is_typed(payload) or is_incident(labels)
    match get(found, "action"):
        case "open" if is_one:
            return [incident(payload, "detected", time(found, "created_at"))]
        case "reopen" if is_one:
            return [incident(payload, "detected", time(found, "updated_at"))]
        case "close" if is_one:
            return [incident(payload, "resolved", closed_at(payload))]
        case "update":
            return updated_issue(payload, is_one=is_one)
    return []


def updated_issue(payload: Any, *, is_one: bool) -> list[CloudEvent]:
    """An issue becomes an incident, or is none any more, with the label."""
    found = get(payload, "object_attributes")
    was_one = is_typed(payload) or is_incident(labels_of(payload, "changes", "labels", "previous"))
    is_closed = get(found, "state") == "closed"
    if "labels" not in fields(payload, "changes") or was_one == is_one:
        return []
    if is_one:
        detected = incident(payload, "detected", time(found, "created_at"))
        resolved = [incident(payload, "resolved", closed_at(payload))] if is_closed else []
        return [detected, *resolved]
    return [] if is_closed else [incident(payload, "resolved", time(found, "updated_at"))]


def is_typed(payload: Any) -> bool:
    """Tell whether GitLab itself says that it is an incident."""
    return str(get(payload, "object_attributes", "type")).casefold() == "incident"


def closed_at(payload: Any) -> str:
    """Give the time at which an issue was closed."""
    closed = time_or_none(payload, "object_attributes", "closed_at")
    return closed or time(payload, "object_attributes", "updated_at")


def incident(payload: Any, predicate: str, when: str) -> CloudEvent:
    """Build the CDEvent of an incident; it keeps its id from first to last."""
    repository, found = repository_of(payload), get(payload, "object_attributes")
    labels, is_secret = labels_of(payload, "labels"), get(found, "confidential") is True
    title = None if is_secret else text_or_none(found, "title")
    return cdevents.build(
        f"incident.{predicate}",
        identity=("issue", number(found, "iid"), predicate, when),
        source=repository,
        time=when,
        subject_id=f"{repository}/-/issues/{number(found, 'iid')}",
        content=incident_content(labels, repository=repository, title=title),
    )


def labels_of(payload: Any, *path: str) -> list[str]:
    """Give the names of the labels at the path, of the issue itself where there are none."""
    found = listed(payload, *path) or (
        listed(payload, "object_attributes", "labels") if path == ("labels",) else []
    )
    names = [text_or_none(label, "title") for label in found]
    return [name for name in names if name]


def pipeline(payload: Any) -> list[CloudEvent]:
    """A pipeline is queued, started and finished."""
    run = get(payload, "object_attributes")
    status = str(get(run, "status"))
    predicate, repository = RUNS.get(status), repository_of(payload)
    if predicate is None:
        return []
    created, uri = time(run, "created_at"), f"{repository}/-/pipelines/{number(run, 'id')}"
    content = {"pipelineName": text_or_none(run, "name") or repository, "uri": uri}
    ended = {"outcome": OUTCOMES[status]} if predicate == "finished" else {}
    moment = {"started": "started_at", "finished": "finished_at"}.get(predicate, "created_at")
    return [
        cdevents.build(
            f"pipelineRun.{predicate}",
            identity=("pipeline", number(run, "id"), predicate),
            source=repository,
            time=time_or_none(run, moment) or created,
            subject_id=uri,
            content=content | ended,
        )
    ]


def repository_of(payload: Any) -> str:
    """Give the project's URL, which is the source of all that happens in it."""
    return url(payload, "project", "web_url")


def default_branch(payload: Any) -> str:
    """Give the name of the project's main line."""
    return text(payload, "project", "default_branch")


EVENTS = {
    "push": push,
    "merge_request": merge_request,
    "deployment": deployment,
    "release": release,
    "pipeline": pipeline,
    "issue": issue,
    "confidential_issue": issue,
    "work_item": issue,
    "confidential_work_item": issue,
}
