"""What a host would have reported of a repository of which only the commits are left.

A branch went along first parents: the default one to its tip, and to each release that is not on it a
branch of its own, from where that left the others. What one person committed within an hour was one
push; a merge is one by itself, of a pull request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.judge.happenings import DEFAULT_BRANCH, History, Merge, Push

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.judge.git import Repository

ONE_PUSH_SECONDS = 3600


def past_of(name: str, repository: Repository) -> History:
    """Return what was reported of the repository."""
    pushes: list[Push] = []
    on_a_branch: dict[str, str] = {}
    tips = [(DEFAULT_BRANCH, repository.tip)]
    tips += [(f"release/{each.name}", each.sha) for each in repository.releases]
    for branch, tip in tips:
        new = [sha for sha in repository.line(tip) if sha not in on_a_branch]
        on_a_branch |= dict.fromkeys(new, branch)
        pushes += _pushes(repository, branch, new)
    merges = [
        Merge(on_a_branch[sha], sha, commit.parents[1], commit.time)
        for sha, commit in repository.commits.items()
        if len(commit.parents) > 1 and sha in on_a_branch
    ]
    return History(name, repository, pushes, merges, repository.releases)


def _pushes(repository: Repository, branch: str, line: list[str]) -> Iterator[Push]:
    time = 0
    for first, last in _at_once(repository, line):
        before = repository.commits[first].parents
        time = max(time + 1, repository.commits[last].time)
        yield Push(branch, before[0] if before else None, last, time)


def _at_once(repository: Repository, line: list[str]) -> Iterator[tuple[str, str]]:
    """Split a line into pushes: the first and the last commit of each."""
    start = 0
    for place, sha in enumerate(line):
        commit = repository.commits[sha]
        is_last = place + 1 == len(line)
        following = None if is_last else repository.commits[line[place + 1]]
        if (
            following is None
            or len(commit.parents) > 1
            or len(following.parents) > 1
            or not 0 <= following.time - commit.time < ONE_PUSH_SECONDS
        ):
            yield line[start], sha
            start = place + 1
