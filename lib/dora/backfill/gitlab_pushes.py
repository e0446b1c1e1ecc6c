"""The pushes of a GitLab project: its events say which, comparisons say with what commits.

https://docs.gitlab.com/api/events/ and https://docs.gitlab.com/api/repositories/
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from dora.backfill.history import Item, Told
from dora.backfill.pushes import Push, base, with_missing
from dora.commands.command import tell
from dora.errors import NotFoundError
from dora.tools.payloads import get, sha_or_none, text, time, time_or_none
from dora.tools.repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.backfill.rest import Api

LISTED_COMMITS = 20  # what a webhook lists of a push
NO_COMMIT = "0" * 40


@dataclass(frozen=True)
class Pushes:
    """The pushes of a project to the branches that count.

    Attributes:
        api: where to ask.
        path: of the project there.
        project: what the API says of it.
        since: a time in UTC.
        compare: also what lies between two pushes that do not join, and what webhooks cut off.
    """

    api: Api
    path: str
    project: dict[str, Any]
    since: str
    compare: bool

    def items(self) -> Iterator[Item]:
        """Yield the pushes, the newest first."""
        found = list(self._pushed())
        for push in with_missing(found) if self.compare else found:
            yield Item(push.key, push.when, partial(self._push, push, found))

    def _pushed(self) -> Iterator[Push]:
        events = self.api.pages(
            f"{self.path}/events", action="pushed", after=self.since[:10], sort="desc"
        )
        default = text(self.project, "default_branch")
        repository = Repository("gitlab", text(self.project, "web_url"), None, default)
        for event in takewhile(lambda one: second(one, "created_at") >= self.since, events):
            push, branch = event["push_data"], get(event, "push_data", "ref")
            after = sha_or_none(push, "commit_to")
            if push.get("ref_type") == "branch" and after and repository.follows(branch):
                before = sha_or_none(push, "commit_from")
                yield Push(branch, before, after, second(event, "created_at"))

    def _push(self, push: Push, pushes: list[Push]) -> Iterator[Told]:
        try:
            commits = self._commits(push, pushes)
        except NotFoundError:
            tell(f"the push of {push.after} is left out: its commits are gone")
            return
        if commits:
            kept = commits if self.compare else commits[-LISTED_COMMITS:]
            payload = {
                "object_kind": "push",
                "ref": f"refs/heads/{push.branch}",
                "before": push.before or NO_COMMIT,
                "after": push.after,
                "commits": [self._commit(one) for one in kept],
                "total_commits_count": len(commits),
            }
            when = max(second(one, "committed_date") for one in kept)
            yield Told("push", when, payload | {"project": self.project})

    def _commits(self, push: Push, pushes: list[Push]) -> list[Any]:
        """Return the commits that a push brought, the oldest first."""
        default = text(self.project, "default_branch")
        if push.before is None and push.branch == default:
            found = self.api.pages(f"{self.path}/repository/commits", ref_name=push.after)
            return list(found)[::-1]
        ends = {"from": base(push, pushes, default), "to": push.after}
        compared = self.api.get(f"{self.path}/repository/compare", **ends)
        commits: list[Any] = compared["commits"]
        return commits

    def _commit(self, listing: Any) -> dict[str, Any]:
        """Return a commit as a push lists it."""
        commit = commit_of(listing)
        commit["author"] = {
            "name": listing.get("author_name"),
            "email": listing.get("author_email"),
        }
        try:
            return commit | self._changed(text(listing, "id"))
        except NotFoundError:
            return commit

    def _changed(self, sha: str) -> dict[str, list[str]]:
        """Return which files a commit touched, a renamed one by both names."""
        files = list(self.api.pages(f"{self.path}/repository/commits/{sha}/diff"))
        return {
            "added": [],
            "removed": [text(file, "old_path") for file in files],
            "modified": [text(file, "new_path") for file in files],
        }


def commit_of(listing: Any) -> dict[str, Any]:
    """Return a commit's name and time as webhooks have them."""
    return {"id": listing["id"], "timestamp": second(listing, "committed_date")}


def second(value: Any, name: str) -> str:
    """Return the time of this name in whole seconds.

    Raises:
        PermanentError: there is none.
    """
    return _whole(time(value, name))


def second_or_none(value: Any, name: str) -> str | None:
    """Return the time of this name in whole seconds, or None."""
    moment = time_or_none(value, name)
    return _whole(moment) if moment else None


def _whole(moment: str) -> str:
    """Cut off the fraction of a time in UTC."""
    return f"{moment[:19]}Z"
