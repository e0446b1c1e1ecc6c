"""A copy of the repository to write into, as a clone would be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def copy_repository(folder: Path) -> None:
    """Copy every file that git has or would take, as it is now, into the folder."""
    listed = git(REPOSITORY, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)


def commit_all(folder: Path) -> None:
    """Make a git repository of the folder, with all of it committed."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    git(folder, *identity, "commit", "--quiet", "--message", "As it is")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; return what it prints."""
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
