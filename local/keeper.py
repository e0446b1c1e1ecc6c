"""End what a process started when that process ends, however it ends: killed, too.

`python -m local.keeper` reads, a line each, `+PID SIGNAL` for what was started and `-PID` for what
has ended. When its input ends, so has who wrote to it: what is left is asked to stop by its signal,
and killed where it does not.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STOP_SECONDS = 30
SHELL = ("/bin/sh", "-c")


class Keeper:
    """The keeper of this process, started with the first program that it is to know."""

    _process: subprocess.Popen[str] | None = None

    def kept(self, command: Sequence[str], stop_signal: signal.Signals) -> list[str]:
        """Return a command that first says on `pipe` that it is to end with this process.

        It does so itself, for this process may be killed as soon as there is one. What it prints
        goes where its errors go.
        """
        return [*SHELL, f'(echo "+$$ {stop_signal.value}"); exec "$@" >&2', "sh", *command]

    def forget(self, pid: int) -> None:
        """Leave a program alone that has ended; another may get its id."""
        _write(self.pipe.fileno(), f"-{pid}\n")

    @property
    def pipe(self) -> IO[str]:
        """What the keeper reads."""
        if self._process is None:
            self._process = _start()
        assert self._process.stdin  # noqa: S101 - it was asked for
        return self._process.stdin


def _write(pipe: int, line: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # somebody killed it
        os.write(pipe, line.encode())


def _start() -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "local.keeper"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C and a closed terminal are for the stack
        text=True,
    )
    atexit.register(_leave, process)
    return process


def _leave(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(BrokenPipeError):
        process.communicate()


def left_of(lines: Iterable[str]) -> dict[int, int]:
    """Return what has been started and has not ended, with its signal; the last started first."""
    left: dict[int, int] = {}
    for line in lines:
        pid, _, number = line[1:].partition(" ")
        if line.startswith("+"):
            left[int(pid)] = int(number)
        else:
            left.pop(int(pid), None)
    return dict(reversed(left.items()))


def end(left: dict[int, int]) -> None:
    """Stop what is left; kill what has not stopped in time."""
    for pid, number in left.items():
        _signal(pid, number)
    deadline = time.monotonic() + STOP_SECONDS
    while any(_signal(pid, 0) for pid in left) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in left:
        _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True


def main(lines: IO[str] = sys.stdin) -> None:
    """Read until the end of the input, and end what is left."""
    end(left_of(lines))


if __name__ == "__main__":
    main()
