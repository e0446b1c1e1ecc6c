"""The pushes of a GitHub repository: its activity says which, comparisons say with what commits.

https://docs.github.com/en/rest/repos/repos#list-repository-activities and
https://docs.github.com/en/rest/commits/commits#compare-two-commits
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from dora.backfill.history import Item, Told, picked
from dora.backfill.pushes import Push, base, with_missing
from dora.backfill.rest import PAGE_ITEMS
from dora.commands.command import tell
from dora.errors import NotFoundError
from dora.tools.payloads import get, listed, sha_or_none, text, text_or_none, time
from dora.tools.repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.backfill.rest import Api

HEADS = "refs/heads/"
NO_COMMIT = "0" * 40
PUSHES = ("push", "force_push", "pr_merge", "merge_queue_merge", "branch_creation")
# A comparison, or a commit, lists no more files than that on its first page.
LISTED_FILES = 300


@dataclass(frozen=True)
class Pushes:
    """The pushes of a repository to the branches that count.

    Attributes:
        api: where to ask.
        path: of the repository there.
        repository: what the API says of it.
        since: a time in UTC.
        compare: also what lies between two pushes that do not join.
    """

    api: Api
    path: str
    repository: dict[str, Any]
    since: str
    compare: bool

    def items(self) -> Iterator[Item]:
        """Yield the pushes, the newest first."""
        try:
            found = list(self._activities())
        except NotFoundError:
            tell("this GitHub keeps no activity: pushes without a pull request are left out")
            return
        for push in with_missing(found) if self.compare else found:
            yield Item(push.key, push.when, partial(self._push, push, found))

    def _activities(self) -> Iterator[Push]:
        default = text(self.repository, "default_branch")
        repository = Repository("github", text(self.repository, "html_url"), None, default)
        for activity in self._recent():
            branch, before = (
                text(activity, "ref").removeprefix(HEADS),
                sha_or_none(activity, "before"),
            )
            is_first = before is None and branch == default  # all that there was before the span
            if (
                get(activity, "activity_type") in PUSHES
                and repository.follows(branch)
                and not is_first
            ):
                yield Push(branch, before, text(activity, "after"), time(activity, "timestamp"))

    def _push(self, push: Push, pushes: list[Push]) -> Iterator[Told]:
        start = base(push, pushes, text(self.repository, "default_branch"))
        try:
            compared = self._compared(start, push.after)
        except NotFoundError:
            tell(f"the push of {push.after} is left out: its commits are gone")
            return
        when = compared[-1]["timestamp"] if push.is_missing and compared else push.when
        payload = {
            "ref": HEADS + push.branch,
            "before": push.before or NO_COMMIT,
            "after": push.after,
            "commits": compared,
        }
        pushed = {"repository": self.repository | {"pushed_at": when}}
        yield Told("push", when, payload | pushed)

    def _compared(self, before: str, after: str) -> list[Any]:
        """Return the commits that a push brought; the pages of a comparison are its commits'."""
        answer: Any = {}
        commits: list[Any] = []
        number = 0
        while len(commits) == number * PAGE_ITEMS:
            number += 1
            place = f"{self.path}/compare/{before}...{after}"
            answer = self.api.get(place, per_page=PAGE_ITEMS, page=number)
            commits += answer["commits"]
        files = answer.get("files") if len(commits) == 1 else None
        return [self._commit(one, files) for one in commits]

    def _commit(self, listing: Any, files: list[Any] | None) -> dict[str, Any]:
        """Return a commit as a push lists it; of the only one the comparison has the files."""
        author = picked(get(listing, "commit", "author") or {}, "name", "email")
        commit = {
            "id": listing["sha"],
            "timestamp": get(listing, "commit", "committer", "date"),
            "author": author | {"username": get(listing, "author", "login")},
        }
        try:
            found = self.api.get(f"{self.path}/commits/{listing['sha']}") if files is None else None
        except NotFoundError:
            return commit
        return commit | _changed(listed(found, "files") if files is None else files)

    def _recent(self) -> Iterator[Any]:
        """List what was done and is not older, the newest first."""
        found = self.api.pages(f"{self.path}/activity", direction="desc")
        return takewhile(lambda one: time(one, "timestamp") >= self.since, found)


def _changed(files: list[Any]) -> dict[str, list[str]]:
    """Return which files a commit touched, a renamed one by both names; nothing where the list is cut."""
    if len(files) >= LISTED_FILES:
        return {}
    before = [text_or_none(file, "previous_filename") for file in files]
    return {
        "added": [],
        "removed": [name for name in before if name],
        "modified": [text(file, "filename") for file in files],
    }
