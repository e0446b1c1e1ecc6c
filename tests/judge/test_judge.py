"""The judge itself, by a repository of a few commits."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Database
from tests.judge.__main__ import compare
from tests.judge.git import Repository
from tests.judge.past import past_of

COMMITS = """commit refs/heads/main
mark :{number}
committer A Person <a@person.example> {time} +0000
data 0
"""


def test_each_fifth_commit_is_a_release_and_ships_what_git_says(
    database: Database, tmp_path: Path
) -> None:
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--bare", "--initial-branch=main")
    stream = "".join(COMMITS.format(number=n, time=1_750_000_000 + 600 * n) for n in range(1, 13))
    repository.git("fast-import", "--quiet", given=stream)

    judged, missing, besides = compare(past_of("few", repository), database)

    assert {name: len(commits) for name, commits in judged.items()} == {"commit-0002": 5}
    assert missing == {"commit-0002": set()}
    assert besides == {"commit-0002": set()}
