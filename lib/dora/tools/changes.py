"""Changes, as every source tells them, so that a metric can join a push with what was merged by it.

docs/events.md, "Changes, told twice", says what is joined by what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora import cdevents
from dora.tools.payloads import get, listed, sha, sha_or_none, time_or_none

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent


def reaches(payload: Any, branch: str) -> bool:
    """Tell whether a push brings commits to the branch; a deletion or a step back brings none."""
    is_there = sha_or_none(payload, "after") is not None
    return get(payload, "ref") == f"refs/heads/{branch}" and is_there and bool(_commits(payload))


def pushed(
    payload: Any, *, repository: str, branch: str, time: str, total: int | None = None
) -> CloudEvent:
    """Make the CDEvent of a push: all its commits in one.

    Args:
        payload: what GitHub, GitLab and Gitea agree on: before, after, commits.
        repository: the repository's URL.
        branch: the branch that was pushed to.
        time: when it was pushed.
        total: how many commits there were, where the payload does not list them all.
    """
    tip, before = sha(payload, "after"), sha_or_none(payload, "before") or "nothing"
    return _change(
        "merged",
        identity=("push", branch, before, tip),
        repository=repository,
        time=time,
        subject_id=tip,
        dora={
            "branch": branch,
            "commits": [commit_of(one) for one in _commits(payload)],
            "totalCommits": total,
        },
    )


def merged(  # noqa: PLR0913 - a merge is told by this many facts
    subject_id: str,
    *,
    repository: str,
    branch: str,
    time: str,
    commit: dict[str, str],
    head: str | None,
    opened_at: str | None,
) -> CloudEvent:
    """Make the CDEvent of a merge: the commit that it brought, and when the change was opened."""
    return _change(
        "merged",
        identity=(subject_id, "merged"),
        repository=repository,
        time=time,
        subject_id=subject_id,
        dora={
            "branch": branch,
            "commits": [commit],
            "head": head,
            "openedAt": opened_at,
        },
    )


def unmerged(predicate: str, subject_id: str, *, repository: str, time: str) -> CloudEvent:
    """Make the CDEvent of a change that is created or abandoned."""
    return _change(
        predicate,
        identity=(subject_id, predicate),
        repository=repository,
        time=time,
        subject_id=subject_id,
    )


def commit_of(told: Any) -> dict[str, str]:
    """Give a commit's full name, and when it was made where that is known."""
    made = time_or_none(told, "timestamp")
    return {"sha": sha(told, "id")} | ({"committedAt": made} if made else {})


def _commits(payload: Any) -> list[Any]:
    return listed(payload, "commits")


def _change(predicate: str, *, repository: str, **parts: Any) -> CloudEvent:
    content = {"repository": {"id": repository}}
    return cdevents.build(f"change.{predicate}", source=repository, content=content, **parts)
