"""Turn what happens on GitLab into CDEvents of changes, services, artifacts, incidents, pipelines.

docs/events.md has the rules as a table; what a field means is in
https://docs.gitlab.com/user/project/integrations/webhook_events/.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.errors import PermanentError
from dora.function import on_event
from dora.settings import deploy_jobs, deploy_workflows, matches
from dora.tools import changes
from dora.tools.commits import commit_of
from dora.tools.deployments import Place, deployed, place_of
from dora.tools.incidents import Issue, is_incident
from dora.tools.payloads import (
    fields,
    get,
    listed,
    number,
    number_or_none,
    sha,
    sha_or_none,
    text,
    text_or_none,
    time,
    time_or_none,
    url,
    word,
)
from dora.tools.releases import published
from dora.tools.repositories import Repository
from dora.tools.runs import run
from dora.tools.shapes import by_type

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
# A system hook says what it is as payloads do, and so is a job called there.
KINDS = {"build": "job"}


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what the event means; most mean nothing."""
    return by_type(context.cloud_event, TYPES, EVENTS)


def system(payload: Any) -> list[CloudEvent]:
    """A system hook is what it says that it is."""
    name = word(payload, "object_kind") or word(payload, "event_name") or ""
    cdevents_of = EVENTS.get(KINDS.get(name, name))
    return cdevents_of(payload) if cdevents_of and cdevents_of != system else []


def push(payload: Any) -> list[CloudEvent]:
    """A push to a branch that counts is one event with the commits that GitLab lists, at most 20."""
    repository = repository_of(payload)
    if not changes.reaches(payload, repository):
        return []
    return [changes.pushed(payload, repository, time=pushed_at(payload))]


def pushed_at(payload: Any) -> str:
    """Return the time of the newest commit; GitLab does not say when it was pushed."""
    made = [time_or_none(one, "timestamp") for one in listed(payload, "commits")]
    newest = max((one for one in made if one), default=None)
    if newest is None:
        raise PermanentError("expected a commit with a timestamp, got none")
    return newest


def merge_request(payload: Any) -> list[CloudEvent]:
    """A merge request to a branch that counts is a change: created, then merged or abandoned."""
    request, repository = get(payload, "object_attributes"), repository_of(payload)
    if not repository.follows(text_or_none(request, "target_branch")):
        return []
    subject = f"merge_requests/{number(request, 'iid')}"
    match get(request, "action"):
        case "open":
            opened = time(request, "created_at")
            return [changes.unmerged("created", subject, repository, time=opened)]
        case "merge":
            return merged(request, subject, repository)
        case "close":
            closed = time(request, "updated_at")
            return [changes.unmerged("abandoned", subject, repository, time=closed)]
    return []


def merged(request: Any, subject: str, repository: Repository) -> list[CloudEvent]:
    """Name the commit that the merge made, and when the merge request was opened."""
    made = sha_or_none(request, "merge_commit_sha") or sha_or_none(request, "squash_commit_sha")
    if made is None and get(request, "squash") is True:
        return []  # squashed and fast-forwarded: only the push names the commit
    return [
        changes.merged(
            subject,
            repository,
            branch=text(request, "target_branch"),
            time=time_or_none(request, "merged_at") or time(request, "updated_at"),
            # A fast-forward makes no commit: the head itself reaches the branch, with its own time.
            commit={"sha": made} if made else commit_of(get(request, "last_commit")),
            head=sha_or_none(request, "last_commit", "id"),
            opened_at=time_or_none(request, "created_at"),
        )
    ]


def deployment(payload: Any) -> list[CloudEvent]:
    """A deployment that succeeded is one of the service; its full commit is only in a URL."""
    if get(payload, "status") != "success":
        return []
    link = {"commit_url": url(payload, "commit_url").rpartition("/")[2]}
    return [
        deployed(
            repository_of(payload),
            Place(text(payload, "environment"), tier(get(payload, "environment_tier"))),
            identity=identity_of(payload),
            commit=sha(link, "commit_url"),
            time=time(payload, "status_changed_at"),
        )
    ]


def identity_of(payload: Any) -> tuple[str, str]:
    """Return what a deployment is known by: its job, which has a webhook too, else its own number."""
    job = number_or_none(payload, "deployable_id")
    return ("deployment", number(payload, "deployment_id")) if job is None else ("job", str(job))


def tier(said: Any) -> str | None:
    """Return the tier that GitLab says an environment has; `other` says none."""
    return said if isinstance(said, str) and said not in ("", "other") else None


def job(payload: Any) -> list[CloudEvent]:
    """A job that succeeded is a deployment where it has an environment, or where its name says so."""
    repository = repository_of(payload)
    place = place_of_job(payload, repository) if get(payload, "build_status") == "success" else None
    if place is None:
        return []
    return [
        deployed(
            repository,
            place,
            identity=("job", number(payload, "build_id")),
            commit=sha(payload, "sha"),
            time=second(payload, "build_finished_at") or time(payload, "build_finished_at"),
            started_at=second(payload, "build_started_at"),
        )
    ]


def place_of_job(payload: Any, repository: Repository) -> Place | None:
    """Return where a job deploys; None where it deploys nothing."""
    name, place = text_or_none(payload, "build_name"), get(payload, "environment")
    if get(place, "action") == "start":
        return Place(text(place, "name"), tier(get(place, "deployment_tier")))
    is_one = matches(name, deploy_jobs()) and is_merged(payload, repository)
    return place_of(str(name)) if is_one else None


def is_merged(ran: Any, repository: Repository) -> bool:
    """Return whether a run is of a tag or of a branch that counts; else it checks a change."""
    return get(ran, "tag") is True or repository.follows(text_or_none(ran, "ref"))


def second(payload: Any, name: str) -> str | None:
    """Return a time in whole seconds, as deployments have it; jobs of newer versions have finer ones."""
    found = time_or_none(payload, name)
    return f"{found[:19]}Z" if found else None


def release(payload: Any) -> list[CloudEvent]:
    """A release is an artifact."""
    if get(payload, "action") != "create":
        return []
    repository, tag = repository_of(payload), text(payload, "tag")
    return [
        published(
            repository.purl(tag),
            identity=("release", tag, "published"),
            source=repository,
            time=time_or_none(payload, "released_at") or time(payload, "created_at"),
            commit=sha_or_none(payload, "commit", "id"),
        )
    ]


def issue(payload: Any) -> list[CloudEvent]:
    """An incident, or an issue with an incident's label, is one while it is open."""
    found, is_one = get(payload, "object_attributes"), is_incident(labels(payload), kind(payload))
    match get(found, "action"):
        case "open" if is_one:
            return [incident(payload).event("detected", time(found, "created_at"))]
        case "reopen" if is_one:
            return [incident(payload).event("detected", time(found, "updated_at"))]
        case "close" if is_one:
            return [incident(payload).event("resolved", closed_at(payload))]
        case "update":
            return updated_issue(payload, is_one=is_one)
    return []


def updated_issue(payload: Any, *, is_one: bool) -> list[CloudEvent]:
    """An issue becomes an incident, or is none any more, with the label."""
    found = get(payload, "object_attributes")
    was_one = is_incident(titles(listed(payload, "changes", "labels", "previous")), kind(payload))
    is_closed = get(found, "state") == "closed"
    if "labels" not in fields(payload, "changes") or was_one == is_one:
        return []
    if is_one:
        made, again = time(found, "created_at"), time(found, "updated_at")
        moments = (
            [made] if is_closed else dict.fromkeys([made, again])
        )  # it may have lost it before
        detected = [incident(payload).event("detected", moment) for moment in moments]
        resolved = [incident(payload).event("resolved", closed_at(payload))] if is_closed else []
        return [*detected, *resolved]
    return [] if is_closed else [incident(payload).event("resolved", time(found, "updated_at"))]


def closed_at(payload: Any) -> str:
    """Return the time at which an issue was closed."""
    closed = time_or_none(payload, "object_attributes", "closed_at")
    return closed or time(payload, "object_attributes", "updated_at")


def incident(payload: Any) -> Issue:
    """Return the issue as an incident."""
    found, repository = get(payload, "object_attributes"), repository_of(payload)
    its_number, is_secret = number(found, "iid"), get(found, "confidential") is True
    return Issue(
        repository,
        its_number,
        url=f"{repository.url}/-/issues/{its_number}",
        labels=labels(payload),
        title=None if is_secret else text_or_none(found, "title"),
    )


def kind(payload: Any) -> str | None:
    """Return the type of an issue, such as Incident."""
    return text_or_none(payload, "object_attributes", "type")


def labels(payload: Any) -> list[str]:
    """Return the names of an issue's labels."""
    return titles(listed(payload, "labels") or listed(payload, "object_attributes", "labels"))


def titles(found: list[Any]) -> list[str]:
    """Return the names of labels."""
    names = [text_or_none(label, "title") for label in found]
    return [name for name in names if name]


def pipeline(payload: Any) -> list[CloudEvent]:
    """A pipeline is queued, started and finished; one that deploys is a deployment too."""
    found = get(payload, "object_attributes")
    status, name = str(get(found, "status")), text_or_none(found, "name")
    predicate, repository = RUNS.get(status), repository_of(payload)
    if predicate is None:
        return []
    created, identity = time(found, "created_at"), ("pipeline", number(found, "id"))
    moment = {"started": "started_at", "finished": "finished_at"}.get(predicate, "created_at")
    when = time_or_none(found, moment) or created
    uri, outcome = f"{repository.url}/-/pipelines/{identity[1]}", OUTCOMES.get(status)
    ran = run(
        predicate, repository, identity=identity, time=when, uri=uri, name=name, outcome=outcome
    )
    is_deploying = status == "success" and matches(name, deploy_workflows())
    if not is_deploying or not is_merged(found, repository):
        return [ran]
    commit, place = sha(found, "sha"), place_of(str(name))
    started = time_or_none(found, "started_at") or created
    return [
        ran,
        deployed(
            repository, place, identity=identity, commit=commit, time=when, started_at=started
        ),
    ]


def repository_of(payload: Any) -> Repository:
    """Return the project, whose URL is the source of all that happens in it."""
    address = ("project", "web_url") if get(payload, "project") else ("repository", "homepage")
    number = number_or_none(payload, "project", "id")
    return Repository(
        "gitlab",
        url(payload, *address),
        number_or_none(payload, "project_id") if number is None else number,
        text_or_none(payload, "project", "default_branch"),
    )


EVENTS = {
    "push": push,
    "merge_request": merge_request,
    "deployment": deployment,
    "release": release,
    "pipeline": pipeline,
    "job": job,
    "issue": issue,
    "confidential_issue": issue,
    "work_item": issue,
    "confidential_work_item": issue,
    "system": system,
}
