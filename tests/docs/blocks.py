"""The blocks of commands in a page, each with the place where it can run.

A place is the word behind the language: "```sh here". `tests/knative` runs those of a cluster.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.processes import clean_environment
from scripts.copy_chart import REPOSITORY

# What the commands of a page use of the repository.
PARTS = (
    *("broker", "charts", "dashboards", "functions", "monitoring", "scripts", "sources", "sql"),
    *("triggers", "Makefile"),
)


@dataclass(frozen=True)
class Block:
    """Commands of one block, and where they run."""

    place: str
    commands: str


def blocks(page: str) -> Iterator[Block]:
    """Return the shell's blocks of a page in `docs/`; without a place the place is empty."""
    text = (REPOSITORY / "docs" / page).read_text()
    for place, commands in re.findall(r"^```sh *(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield Block(place, commands)


def checkout(folder: Path) -> Path:
    """Make a copy of the repository in which commands may write."""
    for part in PARTS:
        source, copy = REPOSITORY / part, folder / part
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("files", "__pycache__"))
        else:
            shutil.copyfile(source, copy)
    return folder


def run(block: Block, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a block's commands and give what they print; the first that fails ends it.

    Args:
        block: what to run.
        folder: a checkout.
        environment: what is set besides; its PATH leads to the programs that the page means.
    """
    done = subprocess.run(
        ["/bin/sh", "-euc", block.commands],
        cwd=folder,
        env=clean_environment() | dict(environment or {}),
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, f"{block.commands}: {done.stdout}{done.stderr}"
    return done.stdout
