"""Turn what happens on GitHub into CDEvents of changes, services, artifacts, incidents, pipelines.

docs/events.md has the rules as a table; what a field means is in
https://docs.github.com/en/webhooks/webhook-events-and-payloads. Knative's GitHubSource writes payloads
anew and loses fields, so nothing here needs one that only a webhook has.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.function import on_event
from dora.settings import deploy_workflows, matches
from dora.tools import changes, forges
from dora.tools.artifacts import image_purl
from dora.tools.deployments import Place, deployed, is_deploy_task, place_of
from dora.tools.incidents import Issue, is_incident
from dora.tools.payloads import (
    get,
    listed,
    number,
    repository_url,
    sha,
    sha_or_none,
    text,
    text_or_none,
    time,
    time_or_none,
)
from dora.tools.releases import published
from dora.tools.runs import run
from dora.tools.shapes import by_type

if TYPE_CHECKING:
    from dora.tools.repositories import Repository

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
# A run of these checks a change that is not merged yet, whatever its workflow is called.
CHECKS = re.compile(r"pull_request|merge_group")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what the event means; most mean nothing."""
    return by_type(context.cloud_event, TYPES, EVENTS)


def push(payload: Any) -> list[CloudEvent]:
    """A push to a branch that counts is one event with all its commits."""
    repository = repository_of(payload)
    if not changes.reaches(payload, repository):
        return []
    when = time_or_none(payload, "repository", "pushed_at")
    when = when or time(payload, "head_commit", "timestamp")
    return [changes.pushed(payload, repository, time=when)]


def pull_request(payload: Any) -> list[CloudEvent]:
    """A pull request to a branch that counts is a change: created, then merged or abandoned."""
    return forges.pull_request(payload, repository_of(payload))


def deployment_status(payload: Any) -> list[CloudEvent]:
    """A deployment that succeeded is one of the service, whatever its later states."""
    deployment = get(payload, "deployment")
    is_deployed = get(payload, "deployment_status", "state") == "success"
    if not is_deployed or not is_deploy_task(text_or_none(deployment, "task")):
        return []
    chosen = chosen_by_deployer(deployment)
    place = Place(
        text(deployment, "environment"), tier(deployment), text_or_none(chosen, "service")
    )
    return [
        deployed(
            repository_of(payload),
            place,
            identity=("deployment", number(deployment, "id")),
            commit=sha(deployment, "sha"),
            time=time(payload, "deployment_status", "created_at"),
            started_at=time_or_none(deployment, "created_at"),
            unplanned=True if get(chosen, "unplanned") is True else None,
        )
    ]


def tier(deployment: Any) -> str | None:
    """Return the tier that a deployment says; `false` says none."""
    if get(deployment, "production_environment") is True:
        return "production"
    return "development" if get(deployment, "transient_environment") is True else None


def chosen_by_deployer(deployment: Any) -> Any:
    """Return the payload that the deployer chose, which may be an object or the text of one."""
    payload = get(deployment, "payload")
    try:
        return json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, RecursionError):
        return None


def release(payload: Any) -> list[CloudEvent]:
    """A release that is published is an artifact."""
    return forges.release(payload, repository_of(payload))


def package(payload: Any) -> list[CloudEvent]:
    """An image that is published under a tag is an artifact, of the commit that its labels name."""
    found = get(payload, "package") or get(payload, "registry_package")
    version = get(found, "package_version")
    tag = text_or_none(version, "container_metadata", "tag", "name")
    if get(payload, "action") != "published" or tag is None:
        return []
    labels = get(version, "container_metadata", "labels", "all_labels")
    artifact = image(version, tag)
    return [
        published(
            artifact,
            identity=("package", artifact),
            source=repository_of(payload),
            time=time_or_none(version, "created_at") or time(found, "updated_at"),
            user=text_or_none(version, "author", "login"),
            commit=sha_or_none(labels, "org.opencontainers.image.revision"),
            repository=repository_url(text_or_none(labels, "org.opencontainers.image.source")),
        )
    ]


def image(version: Any, tag: str) -> str:
    """Return the package URL of an image by its tag, and by the digest that GitHub knows of it."""
    address = text(version, "package_url").lower().rstrip(":").removesuffix(f":{tag.lower()}")
    digest = text_or_none(version, "container_metadata", "tag", "digest") or ""
    return image_purl(f"{address}:{tag}" + (f"@{digest}" if DIGEST.fullmatch(digest) else ""))


def issues(payload: Any) -> list[CloudEvent]:
    """An issue with an incident's label or type is an incident while it is open and has it."""
    found, action = get(payload, "issue"), get(payload, "action")
    is_one, closed = (
        is_incident(forges.names(listed(found, "labels")), kind(found)),
        time_or_none(found, "closed_at"),
    )
    match action:
        case "opened" if is_one:
            return detected(payload)
        case "labeled" | "typed" if is_one and is_about_incidents(payload):
            return detected(payload, is_new=True)
        case "closed" if is_one:
            return [incident(payload).event("resolved", time(found, "closed_at"))]
        case "reopened" if is_one:
            return [incident(payload).event("detected", time(found, "updated_at"))]
    is_gone = action in ("deleted", "transferred") and is_one
    is_taken_off = action in ("unlabeled", "untyped") and is_about_incidents(payload) and not is_one
    is_over = not closed and (is_gone or is_taken_off)
    return [incident(payload).event("resolved", time(found, "updated_at"))] if is_over else []


def detected(payload: Any, *, is_new: bool = False) -> list[CloudEvent]:
    """Report an incident from when its issue was made, and from when it is one again."""
    return forges.detected(get(payload, "issue"), incident(payload), is_new=is_new)


def is_about_incidents(payload: Any) -> bool:
    """Return whether the label or type that an issue gets or loses is that of incidents."""
    return is_incident([text_or_none(payload, "label", "name") or ""], kind(payload))


def incident(payload: Any) -> Issue:
    """Return the issue as an incident."""
    return forges.incident(get(payload, "issue"), repository_of(payload))


def kind(found: Any) -> str | None:
    """Return the name of an issue's type."""
    return text_or_none(found, "type", "name")


def workflow_run(payload: Any) -> list[CloudEvent]:
    """Each attempt of a run is queued, started and finished; one that deploys is a deployment too."""
    attempt, predicate = get(payload, "workflow_run"), RUNS.get(str(get(payload, "action")))
    if predicate is None:
        return []
    repository, identity = (
        repository_of(payload),
        ("run", number(attempt, "id"), attempt_of(attempt)),
    )
    started = time_or_none(attempt, "run_started_at") or time(attempt, "created_at")
    ran = run(
        predicate,
        repository,
        identity=identity,
        time=time(attempt, "updated_at") if predicate == "finished" else started,
        uri=f"{repository.url}/actions/runs/{identity[1]}/attempts/{identity[2]}",
        name=text_or_none(attempt, "name"),
        outcome=OUTCOMES.get(str(get(attempt, "conclusion"))),
    )
    if not is_deploying(attempt):
        return [ran]
    place, commit, done = (
        place_of(text(attempt, "name")),
        sha(attempt, "head_sha"),
        time(attempt, "updated_at"),
    )
    return [
        ran,
        deployed(
            repository, place, identity=identity, commit=commit, time=done, started_at=started
        ),
    ]


def is_deploying(attempt: Any) -> bool:
    """Return whether a run succeeded whose workflow is called like those that deploy."""
    is_check = CHECKS.match(str(get(attempt, "event")))
    is_good = get(attempt, "conclusion") == "success" and not is_check
    return is_good and matches(text_or_none(attempt, "name"), deploy_workflows())


def attempt_of(attempt: Any) -> str:
    """Return the number of a run's attempt; the first may have none."""
    return "1" if get(attempt, "run_attempt") is None else number(attempt, "run_attempt")


def workflow_job(payload: Any) -> list[CloudEvent]:
    """A job that succeeded is a deployment where its name says so and it is none of GitHub's own."""
    is_own = get(payload, "deployment") is not None  # it has an environment
    return [] if is_own else forges.job(payload, repository_of(payload))


def repository_of(payload: Any) -> Repository:
    """Return the repository, whose URL is the source of all that happens in it."""
    return forges.repository_of("github", payload)


EVENTS = {
    "push": push,
    "pull_request": pull_request,
    "deployment_status": deployment_status,
    "release": release,
    "package": package,
    "registry_package": package,
    "issues": issues,
    "workflow_run": workflow_run,
    "workflow_job": workflow_job,
}
