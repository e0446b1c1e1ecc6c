"""Turn CircleCI's workflows into CDEvents of runs, and those that deploy, or their jobs, into deployments.

https://circleci.com/docs/webhooks-reference/ has the events; both kinds are reported when they have ended.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cloudevents.http import CloudEvent
from parliament import Context

from dora.function import on_event
from dora.settings import deploy_jobs, deploy_workflows, matches
from dora.tools.deployments import deployed, place_of
from dora.tools.payloads import get, require_object, sha, text, text_or_none, time, time_or_none
from dora.tools.repositories import Repository, repository_at
from dora.tools.runs import run
from dora.tools.shapes import require_known

PROJECTS = "https://app.circleci.com/pipelines/"
OUTCOMES = {"success": "success", "failed": "failure", "canceled": "cancel"}


class Built(NamedTuple):
    """What a pipeline is of; a tag that is not empty counts, whatever branch it is on."""

    address: str | None
    commit: str | None
    branch: str | None
    tag: str | None


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit the end of a workflow, and what it or its job deployed."""
    payload = require_object(context.cloud_event)
    require_known("circleci", payload)
    match get(payload, "type"):
        case "workflow-completed":
            return [finished(payload), *deployment(payload, "workflow", deploy_workflows())]
        case "job-completed":
            return deployment(payload, "job", deploy_jobs())
    return []


def finished(payload: Any) -> CloudEvent:
    """Make the CDEvent of a workflow's end; one that runs again is another workflow."""
    workflow = get(payload, "workflow")
    return run(
        "finished",
        Repository("circleci", PROJECTS + text(payload, "project", "slug")),
        identity=("workflow", text(workflow, "id")),
        time=ended(payload, "workflow"),
        uri=text(workflow, "url"),
        name=text_or_none(workflow, "name"),
        outcome=OUTCOMES.get(str(get(workflow, "status")), "error"),
    )


def deployment(payload: Any, part: str, patterns: list[str]) -> list[CloudEvent]:
    """Report a workflow or job that succeeded as a deployment, where its name says so."""
    found, built = get(payload, part), built_of(get(payload, "pipeline"))
    name, repository = text_or_none(found, "name"), repository_at(built.address)
    if get(found, "status") != "success" or repository is None or not matches(name, patterns):
        return []
    if built.branch and not built.tag and not repository.follows(built.branch):
        return []  # a check of what is not merged yet
    began = {"workflow": "created_at", "job": "started_at"}[part]
    return [
        deployed(
            repository,
            place_of(str(name)),
            identity=("circleci", part, text(found, "id")),
            commit=sha({"revision": built.commit}, "revision"),
            time=ended(payload, part),
            started_at=time_or_none(found, began),
        )
    ]


def ended(payload: Any, part: str) -> str:
    """Return when a workflow or job ended."""
    return time_or_none(payload, part, "stopped_at") or time(payload, "happened_at")


def built_of(pipeline: Any) -> Built:
    """Return what was built, as reported of GitHub and Bitbucket, or of GitLab and GitHub's app."""
    if vcs := get(pipeline, "vcs"):
        names = ("target_repository_url", "revision", "branch", "tag")
        return Built(*(text_or_none(vcs, name) for name in names))
    git = get(pipeline, "trigger_parameters", "git")
    names = ("checkout_url", "checkout_sha", "branch", "tag")
    return Built(*(text_or_none(git, name) for name in names))
