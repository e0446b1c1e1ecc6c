"""Rules 25 to 28, as far as they are of changes alone: what is known of commits, and their line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tests.metrics.reference.events import Event, Json, instant
from tests.metrics.reference.repositories import Repositories, told_repository

Commit = tuple[str, str]  # repository ("" where it is unknown), name


def commit_name(told: str) -> str:
    """Names are compared in lower case where they are hexadecimal (25)."""
    return told.lower() if re.fullmatch("[0-9a-fA-F]+", told) else told


@dataclass(frozen=True, eq=False)
class Merged:
    """A change.merged: a push or the report of a merge."""

    event: Event
    repository: str

    @property
    def told(self) -> list[Json]:
        return self.event.custom.get("commits") or [{"sha": self.event.subject}]

    @property
    def commits(self) -> list[str]:
        return [commit_name(told["sha"]) for told in self.told]

    @property
    def last(self) -> str:
        return self.commits[-1]

    @property
    def head(self) -> str | None:
        head = self.event.custom.get("head")
        return commit_name(head) if head else None

    @property
    def opened(self) -> datetime | None:
        told = self.event.custom.get("openedAt")
        return instant(told) if told else None

    @property
    def is_push(self) -> bool:
        return self.head is None and self.opened is None

    @property
    def before(self) -> str | None:
        """The commit that a push continues from, where it names one (26)."""
        before = self.event.custom.get("before")
        return commit_name(before) if self.is_push and before and before.strip("0") else None

    @property
    def is_incomplete(self) -> bool:
        """Whether it lists fewer commits than there were (28)."""
        total: int = self.event.custom.get("totalCommits", 0)
        return len(self.commits) < total


Place = tuple[Merged, int]  # a step, and which of its commits


@dataclass(frozen=True)
class Change:
    """What is known of one commit of one repository (27)."""

    commit: Commit
    committed: datetime | None
    opened: datetime | None
    merged: datetime
    is_bots: bool
    paths: list[str] | None

    @property
    def clock(self) -> tuple[str, datetime]:
        """Which clock it has, and when that starts."""
        known = [("commit", self.committed), ("opened", self.opened)]
        starts = [(name, time) for name, time in known if time]
        return min(starts, key=lambda start: start[1]) if starts else ("merged", self.merged)


class Changes:
    """All that change.merged say."""

    def __init__(self, events: list[Event], repositories: Repositories) -> None:
        self.merged = [
            Merged(event, repositories.of(told_repository(event)) or "")
            for event in events
            if event.kind == "change.merged"
        ]
        self.default_branches = {
            (merged.repository, merged.event.custom.get("defaultBranch")) for merged in self.merged
        }
        self.steps = [merged for merged in self.merged if self._is_step(merged)]
        self.known = {(step.repository, name) for step in self.steps for name in step.commits}

    # Names: rule 25.

    def find(self, name: str, repositories: list[str], *, shortened: bool = False) -> Commit | None:
        """The commit that a name means, looked for in these repositories; in all where there are none."""
        name = commit_name(name)
        return (
            self._first(self._commits(repositories), name)
            or self._first(self._subjects(repositories), name)
            or (self.find_shortened(name, repositories) if shortened else None)
        )

    def find_shortened(self, name: str, repositories: list[str]) -> Commit | None:
        """The one known commit that begins so."""
        name = name.lower()
        known = self._commits(repositories)
        found = {full for full, _ in known if full.startswith(name)}
        if not re.fullmatch("[0-9a-f]{7,40}", name) or len(found) != 1:
            return None
        return self._first(known, found.pop())

    def _first(self, known: list[tuple[str, Commit]], name: str) -> Commit | None:
        """Of the commits that a name fits the first, by repository and name."""
        found = [commit for own, commit in known if own == name]
        return self._meant(*min(found)) if found else None

    def _commits(self, repositories: list[str]) -> list[tuple[str, Commit]]:
        """All commits that a change.merged lists, and heads, by their names."""
        return [
            (name, (merged.repository, name))
            for merged in self.merged
            if not repositories or merged.repository in repositories
            for name in (*merged.commits, merged.head)
            if name
        ]

    def _subjects(self, repositories: list[str]) -> list[tuple[str, Commit]]:
        """The last commits of all change.merged, by their subjects."""
        return [
            (commit_name(merged.event.subject), (merged.repository, merged.last))
            for merged in self.merged
            if not repositories or merged.repository in repositories
        ]

    def _meant(self, repository: str, name: str) -> Commit:
        """A head that no step lists means the commit of its first merge."""
        merges = [m for m in self.merged if m.repository == repository and m.head == name]
        if merges and (repository, name) not in self.known:
            return (repository, merges[0].last)
        return (repository, name)

    def _pushes_of(self, repository: str, name: str) -> list[Merged]:
        return [
            merged
            for merged in self.merged
            if merged.is_push and merged.repository == repository and name in merged.commits
        ]

    # The line: rule 26.

    def _is_step(self, merged: Merged) -> bool:
        return merged.is_push or not self._pushes_of(merged.repository, merged.last)

    def place(self, commit: Commit) -> Place | None:
        """Where a commit is taken."""
        repository, name = commit
        steps = [step for step in self.steps if step.repository == repository]
        for step in steps:
            if step.last == name:
                return (step, len(step.commits) - 1)
        listed = (step for step in steps if name in step.commits)
        return next(((step, step.commits.index(name)) for step in listed), None)

    def is_gap(self, step: Merged) -> bool:
        """Whether what it continues from is in no step."""
        return step.before is not None and not self.place((step.repository, step.before))

    def _continues_from(self, step: Merged) -> Place | None:
        if step.before and (place := self.place((step.repository, step.before))):
            return place
        earlier = self.steps[: self.steps.index(step)]
        branch = [other for other in earlier if self._branch(other) == self._branch(step)]
        return (branch[-1], len(branch[-1].commits) - 1) if branch else None

    def _branch(self, merged: Merged) -> tuple[str, str | bool | None]:
        """The repository and branch; all default branches of a repository are one."""
        branch = merged.event.custom.get("branch")
        is_default = (merged.repository, branch) in self.default_branches
        return (merged.repository, True if branch and is_default else branch)

    def walk(self, commit: Commit) -> Iterator[Place]:
        """All places that a commit reaches, the nearest first."""
        place, walked = self.place(commit), set()
        while place and place not in walked:
            walked.add(place)
            step, number = place
            yield from ((step, each) for each in range(number, -1, -1))
            place = self._continues_from(step)

    # Changes: rules 27 and 28.

    def change(self, commit: Commit) -> Change:
        """What all reports of a commit say together."""
        repository, name = commit
        reports = [m for m in self.merged if m.repository == repository and name in m.commits]
        told = [each for m in reports for each in m.told if commit_name(each["sha"]) == name]
        opened = [m.opened for m in reports] + [
            opening for m in reports if m.is_push for opening in [self._opening(m, name)]
        ]
        committed = [each.get("committedAt") for each in told]
        paths = [each["paths"] for each in told if each.get("paths") is not None]
        return Change(
            commit,
            min((instant(time) for time in committed if time), default=None),
            min((time for time in opened if time), default=None),
            min(m.event.time for m in reports),
            any(each.get("bot") is True for each in told),
            sorted({path for each in paths for path in each}) if paths else None,
        )

    def is_only_a_merge(self, commit: Commit) -> bool:
        """Whether it is a merge commit that is no change of its own (28)."""
        pushes = self._pushes_of(*commit)
        return any(self._merges(push, commit[1]) for push in pushes)

    def _merges(self, push: Merged, name: str) -> list[Merged]:
        """The reports of a merge with this commit, whose head the same push lists."""
        return [
            merge
            for merge in self.merged
            if not merge.is_push and merge.repository == push.repository
            if merge.last == name and merge.head in push.commits and merge.head != name
        ]

    def _opening(self, push: Merged, name: str) -> datetime | None:
        """Of the nearest merge after a commit in a push, else of the nearest before it."""
        own = push.commits.index(name)
        at = [n for n, each in enumerate(push.commits) if self._merges(push, each)]
        nearest = [n for n in at if n >= own] or [n for n in reversed(at) if n < own]
        merges = self._merges(push, push.commits[nearest[0]]) if nearest else []
        return min((merge.opened for merge in merges if merge.opened), default=None)
