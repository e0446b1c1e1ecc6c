"""What the commands that a person runs have in common: how they end, and what they say meanwhile.

Exit status: 0 done, 1 not or not all of it (a sentence says why), 2 wrong arguments, 130 stopped by
Ctrl-C or SIGTERM. They run as dora_writer unless PGUSER says otherwise.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

from dora import database
from dora.errors import DoraError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

FAILED, STOPPED = 1, 130
TELL_SECONDS = 2


class Stop:
    """Ctrl-C or SIGTERM: what is in hand is finished first. A second one ends at once, or as said.

    The handler takes no lock, for it may come in the middle of anything, of `wait` too.
    """

    def __init__(self, second: signal.Handlers = signal.SIG_DFL) -> None:
        self.told = False
        self._second = second
        self._reader, self._writer = socket.socketpair()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._tell)

    def _tell(self, number: int, _frame: object) -> None:
        self.told = True
        self._writer.send(b"\0")
        signal.signal(number, self._second)

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until asked to stop."""
        select.select([self._reader], [], [], seconds)


def run_command(parser: ArgumentParser, work: Callable[[Namespace, Stop], int]) -> int:
    """Do the work with the arguments of the command line; give the exit status."""
    given = parser.parse_args()
    os.environ.setdefault("PGUSER", "dora_writer")
    os.environ.setdefault("PGAPPNAME", parser.prog)
    try:
        return work(given, Stop())
    except DoraError as error:
        tell(str(error))
        return FAILED
    finally:
        database.close()


def tell(line: str) -> None:
    """Show a line of progress, or what went wrong."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - for the person in front of it


def add_span(parser: ArgumentParser, *, what: str, required: bool = False) -> None:
    """Add --from and --to, as `start` and `end`."""
    parser.add_argument(
        "--from",
        dest="start",
        metavar="TIME",
        required=required,
        help=f"only {what} at this time or later",
    )
    parser.add_argument("--to", dest="end", metavar="TIME", help=f"only {what} before this time")


class Progress:
    """How far it is, how fast it goes, and how long it still takes; reported every two seconds."""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total, self.before, self.done = total, done, done
        self._started = self._told = time.monotonic()

    def step(self, events: int = 1) -> None:
        """Count one more, or so many."""
        self.done += events
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            tell(str(self))

    def __str__(self) -> str:
        seconds = time.monotonic() - self._started
        rate = (self.done - self.before) / seconds if seconds else 0
        left = f"{max(self.total - self.done, 0) / rate:,.0f} s left" if rate else "just begun"
        return f"{self.done:,} of {self.total:,} events, {rate:,.0f}/s, {left}"
