"""A git repository: its commits, its releases, and what git says that each of them brought."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FEW_TAGS = 5
EACH = 5


@dataclass(frozen=True)
class Commit:
    """A commit: when it was made, in seconds since the epoch, and its parents, the first one first."""

    time: int
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Release:
    """A tag: its name, its commit, and when it was made."""

    name: str
    sha: str
    time: int


class Repository:
    """A repository on this machine, bare or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str, given: str | None = None) -> str:
        """Run git and return what it prints."""
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],  # noqa: S607 - whichever git is on the path
            input=given,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    @cached_property
    def commits(self) -> dict[str, Commit]:
        """All commits by their ids."""
        lines = self.git("log", "--all", "--format=%H %ct %P").splitlines()
        parts = (line.split() for line in lines)
        return {sha: Commit(int(time), tuple(parents)) for sha, time, *parents in parts}

    @cached_property
    def releases(self) -> list[Release]:
        """The tags of commits, the earliest first; of several of one commit the earliest.

        Where there are only few, each fifth commit of the default branch is taken for a release.
        """
        form = "%(refname:short) %(creatordate:unix) %(objectname) %(*objectname)"
        tags = self.git("for-each-ref", "refs/tags", f"--format={form}").splitlines()
        parts = (line.split() for line in tags)
        found = [Release(name, shas[-1], int(time)) for name, time, *shas in parts]
        found = [each for each in found if each.sha in self.commits]
        first: dict[str, Release] = {}
        for release in sorted(found, key=lambda each: (each.time, each.name)):
            first.setdefault(release.sha, release)
        if len(first) >= FEW_TAGS:
            return list(first.values())
        # After all commits: such a release has no time of its own, its place among them is enough.
        end = max(commit.time for commit in self.commits.values())
        line = self.line(self.tip)[EACH - 1 :: EACH]
        return [Release(f"commit-{n:04}", sha, end + n) for n, sha in enumerate(line, 1)]

    @property
    def tip(self) -> str:
        """The last commit of the default branch."""
        return self.git("rev-parse", "HEAD").strip()

    def line(self, tip: str) -> list[str]:
        """Return the commits that a branch was at, the first one first: along first parents."""
        return self.git("rev-list", "--first-parent", "--reverse", tip).split()

    def between(self, before: str | None, after: str) -> list[str]:
        """Return the commits that a push brings, as a host lists them: the oldest first."""
        if before in self.commits[after].parents and len(self.commits[after].parents) == 1:
            return [after]
        limits = [f"^{before}"] if before else []
        return self.git("rev-list", "--reverse", "--topo-order", after, *limits).split()

    def brought(self, sha: str, earlier: list[str]) -> set[str]:
        """Return what a release has and none of earlier ones had: the judge's verdict."""
        limits = "".join(f"^{each}\n" for each in earlier)
        return set(self.git("rev-list", "--stdin", given=f"{sha}\n{limits}").split())
