"""Turn what Azure DevOps reports by its service hooks into CDEvents of changes, deployments and runs.

https://learn.microsoft.com/azure/devops/service-hooks/events has the events. Pushes and pull requests
are brought into the form in which GitHub reports them, which is known already.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.errors import PermanentError
from dora.function import on_event
from dora.settings import deploy_jobs, deploy_workflows, matches
from dora.tools import changes, forges
from dora.tools.artifacts import package_purl
from dora.tools.deployments import Place, deployed, place_of, released
from dora.tools.payloads import (
    get,
    listed,
    number,
    require_object,
    sha_or_none,
    text,
    text_or_none,
    time,
    time_or_none,
)
from dora.tools.releases import published
from dora.tools.repositories import Repository, repository_at
from dora.tools.runs import run
from dora.tools.shapes import require_known

# What a subscription is called whose test button somebody pressed: it sends an example.
TEST = "00000000-0000-0000-0000-000000000000"
OUTCOMES = {"succeeded": "success", "partiallySucceeded": "success", "canceled": "cancel"}
HEADS = "refs/heads/"


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what the event means; most mean nothing."""
    payload = require_object(context.cloud_event)
    require_known("azure-devops", payload)
    cdevents_of = EVENTS.get(text_or_none(payload, "eventType") or "")
    is_test = get(payload, "subscriptionId") == TEST
    return cdevents_of(payload) if cdevents_of and not is_test else []


def push(payload: Any) -> list[CloudEvent]:
    """A push; which commits came is reported where it is of one branch."""
    told = get(payload, "resource")
    repository, updates = repository_of(get(told, "repository")), listed(told, "refUpdates")
    pushes = [of_update(one, told, is_alone=len(updates) == 1) for one in updates]
    when = time_or_none(told, "date") or time(payload, "createdDate")
    return [
        changes.pushed(one, repository, time=when)
        for one in pushes
        if changes.brings_commits(one, repository)
    ]


def of_update(update: Any, told: Any, *, is_alone: bool) -> dict[str, Any]:
    """Return what happened to a branch as GitHub reports a push."""
    newest = {"commitId": get(update, "newObjectId")}
    listing = listed(told, "commits") if is_alone else [newest]
    commits = [
        {
            "id": get(one, "commitId"),
            "timestamp": get(one, "committer", "date"),
            "author": get(one, "author"),
        }
        for one in listing
    ]
    before, after = get(update, "oldObjectId"), get(update, "newObjectId")
    return {"ref": get(update, "name"), "before": before, "after": after, "commits": commits}


def pull_request(payload: Any) -> list[CloudEvent]:
    """A pull request to a branch that counts is created, then completed or abandoned."""
    told, status = get(payload, "resource"), get(payload, "resource", "status")
    is_made = get(payload, "eventType") == "git.pullrequest.created"
    ended = get(told, "closedDate") or get(payload, "createdDate")
    pull = {
        "number": get(told, "pullRequestId"),
        "base": {"ref": (text_or_none(told, "targetRefName") or "").removeprefix(HEADS)},
        "head": {"sha": get(told, "lastMergeSourceCommit", "commitId")},
        "created_at": get(told, "creationDate"),
        "closed_at": ended,
        "merged_at": ended if status == "completed" else None,
        "merge_commit_sha": get(told, "lastMergeCommit", "commitId"),
    }
    if not is_made and status not in ("completed", "abandoned"):
        return []  # a vote, or a try whether it could be merged
    action = "opened" if is_made else "closed"
    repository = repository_of(get(told, "repository"))
    return forges.pull_request({"action": action, "pull_request": pull}, repository)


def run_state_changed(payload: Any) -> list[CloudEvent]:
    """A run of a pipeline that starts; its end is reported by its build, with the commit."""
    found = get(payload, "resource", "run")
    if get(found, "state") != "inProgress":
        return []
    when, name = time(found, "createdDate"), text_or_none(found, "pipeline", "name")
    return [of_run("started", found, when=when, name=name)]


def build_complete(payload: Any) -> list[CloudEvent]:
    """A build that ended is a run that finished; what it made is known, and what it deployed, too."""
    found = get(payload, "resource")
    name, done = text_or_none(found, "definition", "name"), time(found, "finishTime")
    outcome = OUTCOMES.get(str(get(found, "result")), "failure")
    ran = of_run("finished", found, when=done, name=name, outcome=outcome)
    branch = (text_or_none(found, "sourceBranch") or "").removeprefix(HEADS)
    is_check = get(found, "reason") == "pullRequest" or branch.startswith("refs/pull/")
    if outcome != "success" or is_check or name is None:
        return [ran]
    made = of_commit(found, name, done) if deploy_jobs() else []
    if not matches(name, deploy_workflows()):
        return [ran, *made]
    return [
        ran,
        *made,
        of_pipeline(
            name,
            source=project_of(text(found, "_links", "web", "href")),
            commit=sha_or_none(found, "sourceVersion"),
            address=text_or_none(found, "repository", "url"),
            identity=("build", number(found, "id")),
            artifact=artifact_of(name, number(found, "id")),
            pipeline=name,
            done=done,
            started=time_or_none(found, "startTime"),
        ),
    ]


def of_commit(found: Any, name: str, done: str) -> list[CloudEvent]:
    """Say of which commit a run is, since its stages, which may have deployed it, do not say that."""
    commit = sha_or_none(found, "sourceVersion")
    repository = repository_at(text_or_none(found, "repository", "url"))
    if commit is None or repository is None:
        return []
    its_number = number(found, "id")
    return [
        published(
            artifact_of(name, its_number),
            identity=("build", its_number, "published"),
            source=repository,
            time=done,
            commit=commit,
        )
    ]


def artifact_of(pipeline: str, run_number: str) -> str:
    """Return the package URL of what a run made; its number is unique in an organisation."""
    return package_purl("generic", None, pipeline, run_number)


def of_run(predicate: str, found: Any, *, when: str, name: str | None, **ended: Any) -> CloudEvent:
    """Make the CDEvent of a run of a project; its end has an outcome."""
    uri, identity = text(found, "_links", "web", "href"), ("run", number(found, "id"))
    source, outcome = Repository("azure-devops", project_of(uri)), {"outcome": None} | ended
    return run(predicate, source, identity=identity, time=when, uri=uri, name=name, **outcome)


def state_changed(payload: Any) -> list[CloudEvent]:
    """A stage or a job that succeeded is a deployment where its name says so."""
    told = get(payload, "resource")
    part = "job" if get(told, "job") else "stage"
    name = text_or_none(told, part, "name")
    is_good = get(told, part, "state") == "completed" and OUTCOMES.get(
        str(get(told, part, "result"))
    )
    if is_good != "success" or not matches(name, deploy_jobs()):
        return []
    done = time_or_none(told, part, "finishTime") or time(payload, "createdDate")
    change = next(iter(listed(told, "repositories")), None)
    return [
        of_pipeline(
            str(name),
            source=project_of(text(told, part, "_links", "web", "href")),
            commit=sha_or_none(change, "change", "version"),
            address=text_or_none(change, "url"),
            identity=(part, number(told, "run", "id"), str(name), done),
            artifact=artifact_of(text(told, "pipeline", "name"), number(told, "run", "id")),
            pipeline=text(told, "pipeline", "name"),
            done=done,
            started=time_or_none(told, part, "startTime"),
        )
    ]


def of_pipeline(  # noqa: PLR0913 - a deployment has this many facts
    name: str,
    *,
    source: str,
    commit: str | None,
    address: str | None,
    identity: tuple[str, ...],
    artifact: str,
    pipeline: str,
    done: str,
    started: str | None,
) -> CloudEvent:
    """Report a deployment by a pipeline: of its commit where that is known, else of its run."""
    place, repository = place_of(name), repository_at(address)
    if commit and repository:
        return deployed(
            repository, place, identity=identity, commit=commit, time=done, started_at=started
        )
    return released(
        artifact,
        place,
        source=source,
        service=repository.name if repository else pipeline,
        identity=identity,
        time=done,
        started_at=started,
        dora={"repository": repository.url if repository else None},
    )


def deployment_completed(payload: Any) -> list[CloudEvent]:
    """A classic release that is deployed to an environment."""
    told = get(payload, "resource")
    place, release = get(told, "environment"), get(told, "environment", "release")
    if OUTCOMES.get(str(get(place, "status"))) != "success":
        return []
    named = text_or_none(place, "releaseDefinition", "name")
    definition = named or text(told, "project", "name")
    link = text_or_none(release, "_links", "web", "href") or text(release, "url")
    done = time_or_none(told, "deployment", "completedOn") or time(payload, "createdDate")
    return [
        released(
            package_purl("generic", None, definition, text(release, "name")),
            Place(text(place, "name")),
            source=project_of(link),
            service=definition,
            identity=("release", number(release, "id"), number(place, "id"), done),
            time=done,
            started_at=time_or_none(told, "deployment", "startedOn"),
        )
    ]


def project_of(link: str) -> str:
    """Return the address of the project that a link leads into."""
    project, found, _ = link.partition("/_")
    if not found or not project.startswith("http"):
        raise PermanentError(f"expected a link into a project, got {link!r:.80}")
    return project


def repository_of(found: Any) -> Repository:
    """Return a repository, by the address from which it is cloned; its id is no number."""
    address = text_or_none(found, "remoteUrl") or text(found, "webUrl")
    known = repository_at(address)
    if known is None:
        raise PermanentError(f"expected the address of a repository, got {address!r:.80}")
    branch = (text_or_none(found, "defaultBranch") or "").removeprefix(HEADS)
    return Repository(known.tool, known.url, default_branch=branch or None)


EVENTS = {
    "git.push": push,
    "git.pullrequest.created": pull_request,
    "git.pullrequest.updated": pull_request,
    "git.pullrequest.merged": pull_request,
    "build.complete": build_complete,
    "ms.vss-pipelines.run-state-changed-event": run_state_changed,
    "ms.vss-pipelines.stage-state-changed-event": state_changed,
    "ms.vss-pipelines.job-state-changed-event": state_changed,
    "ms.vss-release.deployment-completed-event": deployment_completed,
}
