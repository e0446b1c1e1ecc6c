"""Turn what happens on Bitbucket, Cloud or Data Center, into CDEvents of changes and deployments.

https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/ and
https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html have the events. Both
are brought into the form in which GitHub reports a push or a pull request, which is known already.
"""

from __future__ import annotations

import re
from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.errors import PermanentError
from dora.function import on_event
from dora.settings import deploy_jobs, matches
from dora.tools import changes, forges
from dora.tools.deployments import deployed, place_of
from dora.tools.payloads import (
    get,
    listed,
    number_or_none,
    sha,
    sha_or_none,
    text,
    text_or_none,
    time,
    time_or_none,
)
from dora.tools.repositories import Repository, repository_at
from dora.tools.shapes import by_type

TYPES = "dev.dora.webhooks.bitbucket."
AUTHOR = re.compile(r"(.*?)\s*<([^<>]*)>")


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit what the event means; most mean nothing."""
    return by_type(context.cloud_event, TYPES, EVENTS)


def push(payload: Any) -> list[CloudEvent]:
    """A push to Cloud has a change for each branch; each of one that counts is an event."""
    repository = repository_of(get(payload, "repository"))
    pushes = [of_cloud(one) for one in listed(payload, "push", "changes")]
    return [
        changes.pushed(one, repository, time=time(one, "time"))
        for one in pushes
        if changes.brings_commits(one, repository)
    ]


def of_cloud(change: Any) -> dict[str, Any]:
    """Return a change of Cloud as GitHub reports a push; when it was pushed is not reported."""
    branch = text_or_none(change, "new", "name") if kind(change) == "branch" else None
    commits = [commit_of_cloud(one) for one in listed(change, "commits")]
    return {
        "ref": f"refs/heads/{branch}" if branch else None,
        "before": get(change, "old", "target", "hash"),
        "after": get(change, "new", "target", "hash"),
        "time": get(change, "new", "target", "date"),
        "commits": commits,
        # Cloud lists the newest five, and says no more than that there are others.
        "total_commits": len(commits) + (get(change, "truncated") is True),
    }


def kind(change: Any) -> Any:
    """Return what was pushed, a branch or a tag; None of what was deleted."""
    return get(change, "new", "type")


def commit_of_cloud(listing: Any) -> dict[str, Any]:
    """Return a commit of Cloud as GitHub reports it; it says nothing of files."""
    author = AUTHOR.fullmatch(text_or_none(listing, "author", "raw") or "")
    named = dict(zip(("name", "email"), author.groups(), strict=True)) if author else None
    return {"id": get(listing, "hash"), "timestamp": get(listing, "date"), "author": named}


def refs_changed(payload: Any) -> list[CloudEvent]:
    """A push to Data Center; which commits came is reported where it is of one branch."""
    repository, found = repository_of(get(payload, "repository")), listed(payload, "changes")
    pushes = [of_data_center(one, payload, is_alone=len(found) == 1) for one in found]
    return [
        changes.pushed(one, repository, time=time(payload, "date"))
        for one in pushes
        if changes.brings_commits(one, repository)
    ]


def of_data_center(change: Any, payload: Any, *, is_alone: bool) -> dict[str, Any]:
    """Return a change of Data Center as GitHub reports a push; without commits it is its newest one."""
    told = get(payload, "commits") if is_alone else None
    newest = {"id": get(change, "toHash")}
    if get(payload, "toCommit", "id") == newest["id"]:
        newest = get(payload, "toCommit")
    listing = told if isinstance(told, list) else [newest]
    return {
        "ref": get(change, "ref", "id"),
        "before": get(change, "fromHash"),
        "after": get(change, "toHash"),
        "commits": [commit_of_data_center(one) for one in listing],
    }


def commit_of_data_center(listing: Any) -> dict[str, Any]:
    """Return a commit of Data Center as GitHub reports it."""
    who, address = get(listing, "author", "name"), get(listing, "author", "emailAddress")
    author = {"name": who, "email": address}
    made = get(listing, "committerTimestamp")
    return {"id": get(listing, "id"), "timestamp": made, "author": author}


def pull_request_of_cloud(payload: Any) -> list[CloudEvent]:
    """A pull request of Cloud, which names commits by their first twelve digits."""
    pull, state = get(payload, "pullrequest"), get(payload, "pullrequest", "state")
    made, ended = get(pull, "merge_commit", "hash"), get(pull, "updated_on")
    return pull_request(
        {
            "number": get(pull, "id"),
            "base": {"ref": get(pull, "destination", "branch", "name")},
            "head": {"sha": get(pull, "source", "commit", "hash")},
            "created_at": get(pull, "created_on"),
            "closed_at": ended,
            "merged_at": ended if state == "MERGED" else None,
            "merge_commit_sha": made,
        },
        repository_of(get(payload, "repository")),
        is_open=state == "OPEN",
    )


def pull_request_of_data_center(payload: Any) -> list[CloudEvent]:
    """A pull request of Data Center."""
    pull, state = get(payload, "pullRequest"), get(payload, "pullRequest", "state")
    ended = get(pull, "closedDate") or get(payload, "date")
    return pull_request(
        {
            "number": get(pull, "id"),
            "base": {"ref": get(pull, "toRef", "displayId")},
            "head": {"sha": get(pull, "fromRef", "latestCommit")},
            "created_at": get(pull, "createdDate"),
            "closed_at": ended,
            "merged_at": ended if state == "MERGED" else None,
            "merge_commit_sha": get(pull, "properties", "mergeCommit", "id"),
        },
        repository_of(get(pull, "toRef", "repository")),
        is_open=get(payload, "eventKey") == "pr:opened",
    )


def pull_request(
    pull: dict[str, Any], repository: Repository, *, is_open: bool
) -> list[CloudEvent]:
    """Report a pull request; only its push reports a merge whose commit is not named in full."""
    is_merged = pull["merged_at"] is not None
    if is_merged and sha_or_none(pull, "merge_commit_sha") is None:
        return []
    action = "opened" if is_open else "closed"
    return forges.pull_request({"action": action, "pull_request": pull}, repository)


def commit_status(payload: Any) -> list[CloudEvent]:
    """A build of Cloud that succeeded is a deployment where its key or name says so."""
    status, repository = get(payload, "commit_status"), repository_of(get(payload, "repository"))
    names = [text_or_none(status, part) for part in ("key", "name")]
    fitting = next((name for name in names if matches(name, deploy_jobs())), None)
    branch = (text_or_none(status, "refname") or "").removeprefix("refs/heads/")
    is_check = bool(branch) and not repository.follows(branch)
    if get(status, "state") != "SUCCESSFUL" or fitting is None or is_check:
        return []
    commit, done = commit_built(status), time(status, "updated_on")
    return [
        deployed(
            repository,
            place_of(fitting),
            identity=("status", fitting, commit, done),
            commit=commit,
            time=done,
            started_at=time_or_none(status, "created_on"),
        )
    ]


def commit_built(status: Any) -> str:
    """Return the commit that a build is of, which older webhooks have only in a link."""
    link = text_or_none(status, "links", "commit", "href") or ""
    return sha_or_none(status, "commit", "hash") or sha({"link": link.rpartition("/")[2]}, "link")


def repository_of(found: Any) -> Repository:
    """Return the repository, by its page on Cloud, by where it is cloned from in Data Center."""
    clones = {text_or_none(one, "name"): one for one in listed(found, "links", "clone")}
    cloned = clones.get("http") or clones.get("https")
    address = text(cloned, "href") if cloned else text(found, "links", "html", "href")
    known = repository_at(address)
    if known is None:
        raise PermanentError(f"expected the address of a repository, got {address!r:.80}")
    return Repository("bitbucket", known.url, number_or_none(found, "id"))


EVENTS = {
    "repo.push": push,
    "repo.refs_changed": refs_changed,
    "pullrequest.created": pull_request_of_cloud,
    "pullrequest.fulfilled": pull_request_of_cloud,
    "pullrequest.rejected": pull_request_of_cloud,
    "pr.opened": pull_request_of_data_center,
    "pr.merged": pull_request_of_data_center,
    "pr.declined": pull_request_of_data_center,
    "pr.deleted": pull_request_of_data_center,
    "repo.commit_status_created": commit_status,
    "repo.commit_status_updated": commit_status,
}
