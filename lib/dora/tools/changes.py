"""Changes, as every source reports them, so that a metric can join a push with what was merged by it.

docs/events.md, "Changes, reported twice", says what is joined by what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora import cdevents
from dora.errors import PermanentError
from dora.tools.commits import commits_of
from dora.tools.payloads import listed, number_or_none, sha, sha_or_none, text_or_none

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

    from dora.tools.repositories import Repository

HEADS = "refs/heads/"


def reaches(payload: Any, repository: Repository) -> bool:
    """Return whether a push brings commits to a branch that counts, of a tool that reports the default.

    Args:
        payload: as in `brings_commits`.
        repository: where it was pushed to.

    Raises:
        PermanentError: the repository's default branch is unknown.
    """
    if repository.default_branch is None:
        raise PermanentError("expected the repository's default branch, got none")
    return brings_commits(payload, repository)


def brings_commits(payload: Any, repository: Repository) -> bool:
    """Return whether a push brings commits to a branch that counts.

    A deletion brings none, nor does a step back: the push after it says what it began from. One that
    ends where it began was sent to try the webhook.

    Args:
        payload: what GitHub, GitLab and Gitea agree on: ref, before, after, commits.
        repository: where it was pushed to.
    """
    tip = sha_or_none(payload, "after")
    is_new = tip is not None and tip != sha_or_none(payload, "before")
    return repository.follows(_branch(payload)) and is_new and bool(listed(payload, "commits"))


def pushed(payload: Any, repository: Repository, *, time: str) -> CloudEvent:
    """Make the CDEvent of a push: all its commits in one.

    Args:
        payload: as in `brings_commits`, and how many commits there were where it lists fewer.
        repository: where it was pushed to.
        time: when it was pushed.
    """
    tip, before, branch = sha(payload, "after"), sha_or_none(payload, "before"), _branch(payload)
    commits, total = _oldest_first(commits_of(payload), tip), _total(payload)
    return _change(
        "merged",
        repository,
        identity=("push", str(branch), before or "nothing", tip),
        time=time,
        subject_id=tip,
        dora={
            "branch": branch,
            "defaultBranch": repository.default_branch,
            "before": before,
            "commits": commits,
            "totalCommits": total if total and total > len(commits) else None,
            "repositoryId": repository.number,
        },
    )


def merged(  # noqa: PLR0913 - a merge has this many facts
    subject_id: str,
    repository: Repository,
    *,
    branch: str,
    time: str,
    commit: dict[str, Any],
    head: str | None,
    opened_at: str | None,
) -> CloudEvent:
    """Make the CDEvent of a merge: the commit that it brought, and when the change was opened."""
    return _change(
        "merged",
        repository,
        identity=(subject_id, "merged"),
        time=time,
        subject_id=subject_id,
        dora={
            "branch": branch,
            "defaultBranch": repository.default_branch,
            "commits": [commit],
            "head": head,
            "openedAt": opened_at,
            "repositoryId": repository.number,
        },
    )


def unmerged(predicate: str, subject_id: str, repository: Repository, *, time: str) -> CloudEvent:
    """Make the CDEvent of a change that is created or abandoned."""
    identity = (subject_id, predicate)
    return _change(predicate, repository, identity=identity, time=time, subject_id=subject_id)


def _oldest_first(commits: list[dict[str, Any]], tip: str) -> list[dict[str, Any]]:
    """Return commits in the order in which they were made; some tools list the newest first."""
    return commits if commits[-1]["sha"] == tip or commits[0]["sha"] != tip else commits[::-1]


def _total(payload: Any) -> int | None:
    named = (number_or_none(payload, name) for name in ("total_commits_count", "total_commits"))
    return next(filter(None, named), None)


def _branch(payload: Any) -> str | None:
    ref = text_or_none(payload, "ref") or ""
    return ref.removeprefix(HEADS) if ref.startswith(HEADS) else None


def _change(predicate: str, repository: Repository, **parts: Any) -> CloudEvent:
    content = {"repository": {"id": repository.url}}
    return cdevents.build(f"change.{predicate}", source=repository.url, content=content, **parts)
