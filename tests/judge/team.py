"""A repository that a team might have made, by a seed, with what its host reported meanwhile.

Pull requests are merged by a merge commit, squashed or rebased; people push to the default branch, and
set it back or amend what they pushed; releases are cut from branches that get fixes of their own and are merged back; hotfixes
begin at the release before.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from tests.judge.git import Release, Repository
from tests.judge.happenings import DEFAULT_BRANCH, History, Merge, Push

START = 1_750_000_000
MAX_STEP_SECONDS = 6 * 3600


@dataclass
class _Team:
    """What happens, in the words of `git fast-import`: commits are numbers until it has read them."""

    chance: random.Random
    time: int = START
    stream: list[str] = field(default_factory=list)
    tips: dict[str, int] = field(default_factory=dict)
    pushes: list[tuple[str, int | None, int, int]] = field(default_factory=list)
    merges: list[tuple[str, int, int, int]] = field(default_factory=list)
    releases: list[tuple[str, int, int]] = field(default_factory=list)
    parents: dict[int, int] = field(default_factory=dict)

    def commit(self, *parents: int) -> int:
        """Make a commit, which a reference of its own keeps."""
        self.time += self.chance.randrange(60, MAX_STEP_SECONDS)
        mark = len(self.parents) + 1
        self.parents[mark] = parents[0] if parents else 0
        self.stream += [
            f"commit refs/keep/{mark}",
            f"mark :{mark}",
            f"committer A Person <a@person.example> {self.time} +0000",
            "data 0",
            *(f"{'merge' if place else 'from'} :{each}" for place, each in enumerate(parents)),
            "",
        ]
        return mark

    def commits_on(self, parent: int, most: int = 4) -> int:
        """Make some commits, one after the other; return the last one."""
        for _ in range(self.chance.randint(1, most)):
            parent = self.commit(parent)
        return parent

    def push(self, branch: str, tip: int) -> None:
        """Push a branch."""
        self.time += 1
        self.pushes.append((branch, self.tips.get(branch), tip, self.time))
        self.tips[branch] = tip

    def release(self, name: str, branch: str) -> None:
        """Release what a branch is at."""
        self.time += 60
        self.releases.append((name, self.tips[branch], self.time))

    def pull_request(self, branch: str) -> None:
        """Merge a pull request, which was begun some commits ago or just now."""
        base, tip = self.tips[branch], self.tips[branch]
        head = self.commits_on(base)
        if self.chance.random() < 1 / 2:  # meanwhile somebody pushes
            self.direct(branch)
            tip = self.tips[branch]
        way = self.chance.choice(["merge", "merge", "squash", "squash", "rebase"])
        if way == "merge":
            merged = self.commit(tip, head)
        else:
            merged = self.commits_on(tip, 1 if way == "squash" else 3)
        self.push(branch, merged)
        self.merges.append((branch, merged, head, self.time))

    def direct(self, branch: str) -> None:
        """Push commits of one's own."""
        self.push(branch, self.commits_on(self.tips[branch], 3))

    def amend(self) -> None:
        """Push a commit in place of the last one, which the push says that it comes after."""
        self.direct(DEFAULT_BRANCH)
        before = self.tips[DEFAULT_BRANCH]
        self.push(DEFAULT_BRANCH, self.commit(self.parents[before]))

    def set_back(self) -> None:
        """Push commits, and set the branch back before them; of that a host reports no commits."""
        tip = self.tips[DEFAULT_BRANCH]
        self.direct(DEFAULT_BRANCH)
        self.tips[DEFAULT_BRANCH] = tip

    def release_branch(self, name: str, start: int) -> None:
        """Make a release from a branch with fixes, and merge that back."""
        branch = f"release/{name}"
        self.tips[branch] = start
        for _ in range(self.chance.randint(1, 3)):
            self.chance.choice([self.direct, self.pull_request])(branch)
            if self.chance.random() < 1 / 2:
                self.pull_request(DEFAULT_BRANCH)
        self.release(name, branch)
        if self.chance.random() < 3 / 4:
            back = self.commit(self.tips[DEFAULT_BRANCH], self.tips[branch])
            self.push(DEFAULT_BRANCH, back)


def made_by_a_team(seed: int, releases: int) -> History:
    """Make a repository with so many releases; the same seed makes the same."""
    team = _Team(random.Random(seed))  # noqa: S311 - the same repository each time
    team.push(DEFAULT_BRANCH, team.commit())
    while len(team.releases) < releases:
        for _ in range(team.chance.randint(1, 6)):
            if team.chance.random() < 1 / 20:
                team.chance.choice([team.set_back, team.set_back, team.amend])()
            team.chance.choice([team.pull_request, team.pull_request, team.direct])(DEFAULT_BRANCH)
        name = f"v{len(team.releases) + 1:04}"
        way = team.chance.random()
        if way < 1 / 2:
            team.release(name, DEFAULT_BRANCH)
        elif way < 4 / 5 or not team.releases:
            team.release_branch(name, team.tips[DEFAULT_BRANCH])
        else:
            team.release_branch(name, team.releases[-1][1])
    return _imported(f"team-{seed}", team)


def _imported(name: str, team: _Team) -> History:
    folder = Path(mkdtemp(prefix="judge-"))
    repository, marks = Repository(folder), folder / "marks"
    repository.git("init", "--quiet", "--bare")
    stream = "\n".join([*team.stream, ""])
    repository.git("fast-import", "--quiet", f"--export-marks={marks}", given=stream)
    sha_of = {
        int(mark.removeprefix(":")): sha
        for mark, sha in (line.split() for line in marks.read_text().splitlines())
    }
    return History(
        name,
        repository,
        [
            Push(branch, sha_of[before] if before else None, sha_of[after], time)
            for branch, before, after, time in team.pushes
        ],
        [
            Merge(branch, sha_of[merged], sha_of[head], time)
            for branch, merged, head, time in team.merges
        ],
        [Release(tag, sha_of[mark], time) for tag, mark, time in team.releases],
    )
