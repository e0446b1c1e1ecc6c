"""What a host reports of a repository: pushes, merges of pull requests, and releases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.events import cdevent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.judge.git import Release, Repository

DEFAULT_BRANCH = "main"


@dataclass(frozen=True)
class Push:
    """A push to a branch, from one commit to another, in seconds since the epoch."""

    branch: str
    before: str | None
    after: str
    time: int


@dataclass(frozen=True)
class Merge:
    """A pull request that was merged: the commit that it brought, and its own last one."""

    branch: str
    sha: str
    head: str
    time: int


@dataclass(frozen=True)
class History:
    """What is reported of a repository, and its releases in their order."""

    name: str
    repository: Repository
    pushes: list[Push]
    merges: list[Merge]
    releases: list[Release]

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://git.example/acme/{self.name}"

    def events(self) -> Iterator[dict[str, Any]]:
        """Make the CDEvents of all that is reported."""
        for number, push in enumerate(self.pushes):
            yield self._merged(f"push-{number}", push.after, push.time, **self._listed(push))
        for number, merge in enumerate(self.merges):
            yield self._merged(
                f"merge-{number}",
                f"pull/{number}",
                merge.time,
                branch=merge.branch,
                commits=[{"sha": merge.sha}],
                head=merge.head,
                openedAt=at(merge.time),
            )
        for release in self.releases:
            yield cdevent(
                id=release.name,
                source=self.url,
                time=at(release.time),
                subject=self.name,
                content={
                    "environment": {"id": "production"},
                    "artifactId": f"pkg:generic/{self.name}@{release.name}",
                },
                custom={"commit": release.sha, "repository": self.url},
            )

    def no_changes(self) -> set[str]:
        """Return the merges that are no changes: a push lists them and their pull requests' heads."""
        listed = [set(self.repository.between(push.before, push.after)) for push in self.pushes]
        by_commit: dict[str, list[set[str]]] = {}
        for commits in listed:
            for sha in commits:
                by_commit.setdefault(sha, []).append(commits)
        return {
            merge.sha
            for merge in self.merges
            if merge.head != merge.sha
            and any(merge.head in commits for commits in by_commit.get(merge.sha, []))
        }

    def _listed(self, push: Push) -> dict[str, Any]:
        commits = self.repository.commits
        return {
            "branch": push.branch,
            "defaultBranch": DEFAULT_BRANCH,
            "before": push.before,
            "commits": [
                {"sha": sha, "committedAt": at(commits[sha].time)}
                for sha in self.repository.between(push.before, push.after)
            ],
        }

    def _merged(self, event_id: str, subject: str, time: int, **custom: Any) -> dict[str, Any]:
        return cdevent(
            "change.merged",
            id=event_id,
            source=self.url,
            time=at(time),
            subject=subject,
            content={"repository": {"id": self.url}},
            custom={name: value for name, value in custom.items() if value is not None},
        )


def at(seconds: int) -> str:
    """Return a moment as events have it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
