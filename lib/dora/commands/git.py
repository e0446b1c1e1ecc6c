"""What the git repository in this folder knows of commits."""

from __future__ import annotations

import subprocess
from typing import Any

from dora.commands.command import tell
from dora.errors import PermanentError
from dora.tools.commits import is_bot

# An event has to fit through any Broker; each commit has about a hundred characters.
MOST_COMMITS = 5000
FORMAT = "%H%x00%cI%x00%an%x00%ae"
HINT = "the checkout has to reach it: fetch-depth: 0, or GIT_DEPTH: 0"


def commits_since(before: str, commit: str) -> list[dict[str, Any]]:
    """Return the commits that a commit reaches and an earlier one does not, the newest first.

    Raises:
        PermanentError: git is not here, or does not know one of them.
    """
    found = _log(f"--max-count={MOST_COMMITS + 1}", f"{full_name(before)}..{full_name(commit)}")
    if len(found) > MOST_COMMITS:
        tell(f"there are more than {MOST_COMMITS:,} commits since {before}; the newest are named")
    return found[:MOST_COMMITS]


def commit_of(commit: str) -> dict[str, Any]:
    """Return a commit as customData.dora has it."""
    return _log("--max-count=1", full_name(commit))[0]


def full_name(commit: str) -> str:
    """Return the full name of the commit that a tag, branch or short name means."""
    wanted = f"{commit}^{{commit}}"
    return _git(
        f"git knows no commit {commit!r:.80} here; {HINT}",
        *("rev-parse", "--verify", "--quiet", "--end-of-options", wanted),
    ).strip()


def _log(*arguments: str) -> list[dict[str, Any]]:
    said = _git(
        f"git cannot list commits here; {HINT}", "log", f"--format={FORMAT}", *arguments, "--"
    )
    return [_commit(*line.split("\0")) for line in said.splitlines()]


def _commit(sha: str, time: str, name: str, address: str) -> dict[str, Any]:
    bot = {"bot": True} if is_bot({"name": name, "email": address}) else {}
    return {"sha": sha, "committedAt": time} | bot


def _git(problem: str, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - names stand after --end-of-options
            ["git", *arguments],  # noqa: S607 - of whoever runs this
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().partition("\n")[0]
        raise PermanentError(f"git says: {said}" if said else problem) from error
    except OSError as error:
        raise PermanentError("expected git to be installed, to list commits") from error
    return done.stdout
