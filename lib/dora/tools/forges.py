"""What GitHub and Gitea report in one form, since Gitea's webhooks are made after GitHub's.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
https://docs.gitea.com/usage/webhooks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.settings import deploy_jobs, matches
from dora.tools import changes
from dora.tools.deployments import deployed, place_of
from dora.tools.incidents import Issue
from dora.tools.payloads import (
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
)
from dora.tools.releases import published
from dora.tools.repositories import Repository

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent


def repository_of(tool: str, payload: Any) -> Repository:
    """Return the repository, whose URL is the source of all that happens in it."""
    return Repository(
        tool,
        url(payload, "repository", "html_url"),
        number_or_none(payload, "repository", "id"),
        text_or_none(payload, "repository", "default_branch"),
    )


def pull_request(payload: Any, repository: Repository) -> list[CloudEvent]:
    """A pull request to a branch that counts is a change: created, then merged or abandoned."""
    pull = get(payload, "pull_request")
    if not repository.follows(text_or_none(pull, "base", "ref")):
        return []
    subject = f"pull/{number(pull, 'number')}"
    match get(payload, "action"):
        case "opened":
            opened = time(pull, "created_at")
            return [changes.unmerged("created", subject, repository, time=opened)]
        case "closed" if time_or_none(pull, "merged_at"):
            return [merged(pull, subject, repository)]
        case "closed":
            closed = time(pull, "closed_at")
            return [changes.unmerged("abandoned", subject, repository, time=closed)]
    return []


def merged(pull: Any, subject: str, repository: Repository) -> CloudEvent:
    """Name the commit that the merge made, and when the pull request was opened."""
    return changes.merged(
        subject,
        repository,
        branch=text(pull, "base", "ref"),
        time=time(pull, "merged_at"),
        commit={"sha": sha(pull, "merge_commit_sha")},
        head=sha_or_none(pull, "head", "sha"),
        opened_at=time_or_none(pull, "created_at"),
    )


def release(payload: Any, repository: Repository) -> list[CloudEvent]:
    """A release that is published is an artifact."""
    if get(payload, "action") != "published":
        return []
    return [
        published(
            repository.purl(text(payload, "release", "tag_name")),
            identity=("release", number(payload, "release", "id"), "published"),
            source=repository,
            time=time(payload, "release", "published_at"),
            user=text_or_none(payload, "release", "author", "login"),
            commit=sha_or_none(payload, "release", "target_commitish"),
        )
    ]


def job(payload: Any, repository: Repository) -> list[CloudEvent]:
    """A job that succeeded is a deployment where its name says so."""
    found = get(payload, "workflow_job")
    is_good = get(payload, "action") == "completed" and get(found, "conclusion") == "success"
    if not is_good or not matches(text_or_none(found, "name"), deploy_jobs()):
        return []
    if not repository.follows(text_or_none(found, "head_branch")):
        return []  # a check of what is not merged yet
    return [
        deployed(
            repository,
            place_of(text(found, "name")),
            identity=("job", number(found, "id")),
            commit=sha(found, "head_sha"),
            time=time(found, "completed_at"),
            started_at=time_or_none(found, "started_at"),
        )
    ]


def detected(found: Any, incident: Issue, *, is_new: bool = False) -> list[CloudEvent]:
    """Report an incident from when its issue was made, and its end where it is closed already.

    Args:
        found: the issue.
        incident: the same as an incident.
        is_new: whether it is one only now, by a label or type that it may have lost before.
    """
    made, closed = time(found, "created_at"), time_or_none(found, "closed_at")
    if closed:
        return [incident.event("detected", made), incident.event("resolved", closed)]
    again = time_or_none(found, "updated_at") if is_new else None
    return [incident.event("detected", when) for when in dict.fromkeys([made, again]) if when]


def incident(found: Any, repository: Repository) -> Issue:
    """Return an issue as an incident."""
    its_number = number(found, "number")
    return Issue(
        repository,
        its_number,
        url=f"{repository.url}/issues/{its_number}",
        labels=names(listed(found, "labels")),
        title=text_or_none(found, "title"),
    )


def names(labels: list[Any]) -> list[str]:
    """Return the names of labels."""
    found = [text_or_none(label, "name") for label in labels]
    return [name for name in found if name]
