"""Programs that cannot outlive the process that started them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from local.processes import Program, StackError, clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# What has to be on the machine, and the Debian package that has it.
NEEDED = {
    "curl": "curl",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "setpriv": "util-linux",
}


def require_programs() -> None:
    """Require what is not built here.

    Raises:
        StackError: something is missing.
    """
    for program, package in NEEDED.items():
        if not find(program):
            raise StackError(f"{program} is missing; it is in Debian's package {package}")


def find(program: str) -> str:
    """Return the path of a program, empty where there is none; Debian has some where only root looks."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin") or ""


def daemon(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    last_signal: str = "KILL",
) -> Program:
    """Make a program that logs into a folder.

    Args:
        last_signal: What the kernel sends it if this process is gone without having stopped it.
            KILL, but for a program that has to end others of its own.
    """
    return Program(
        name,
        with_last_signal([str(part) for part in command], last_signal),
        clean_environment() | dict(environment or {}),
        folder / f"{name}.log",
    )


def with_last_signal(command: Sequence[str], last_signal: str) -> list[str]:
    """Return the command that asks the kernel for the signal and then becomes the program."""
    return [find("setpriv"), "--pdeathsig", last_signal, "--", *command]
