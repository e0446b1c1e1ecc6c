"""What the commands that a person runs have in common: how they end, and what they say meanwhile."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import sys
import textwrap
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.commands.terminal import plain
from dora.errors import PermanentError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

FAILED, STOPPED = 1, 130
MAX_WIDTH = 100
TELL_SECONDS = 2
PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
HANG_UP = getattr(signal, "SIGHUP", signal.SIGTERM)  # Windows has none


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The person at the keyboard does not want to wait any longer."""


class Stop:
    """Ctrl-C, SIGTERM or a closed terminal: what is in hand is finished first.

    A second one ends at once, or as said. A hang-up that is ignored, as nohup wants it, stays so.

    The handler takes no lock, for it may come in the middle of anything, of `wait` too.
    """

    def __init__(self, second: signal.Handlers = signal.SIG_DFL) -> None:
        self.told = False
        self._second = second
        self._reader, self._writer = socket.socketpair()
        for number in (signal.SIGINT, signal.SIGTERM, HANG_UP):
            if number is not HANG_UP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._tell)

    def _tell(self, number: int, _frame: object) -> None:
        self.told = True
        self._writer.send(b"\0")
        signal.signal(number, self._second)

    def wait(self, seconds: float) -> None:
        """Wait, but no longer than until asked to stop."""
        select.select([self._reader], [], [], seconds)


class Command(NamedTuple):
    """A command: what it does, returning its exit status, and what it takes and says of itself.

    `says` is its description, `examples` stand below its help; it runs as `user` unless PGUSER says
    otherwise.
    """

    run: Callable[[Namespace], int]
    arguments: Callable[[ArgumentParser], None]
    says: str | None
    examples: str
    user: str = "dora_writer"


def add_parser(
    commands: Any, name: str, does: str, says: str | None, examples: str
) -> ArgumentParser:
    """Add a command of this name; its help is as wide as the terminal, and examples stay as they are."""
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH) - 2
    paragraphs = (textwrap.fill(part, width) for part in (says or "").strip().split("\n\n"))
    parser: ArgumentParser = commands.add_parser(
        name,
        help=does,
        description="\n\n".join(paragraphs),
        epilog=f"examples:\n{textwrap.indent(textwrap.dedent(examples).strip(), '  ')}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    return parser


def reach_this_machine_directly() -> None:
    """Let no proxy of the environment stand between this machine and itself."""
    if any(os.environ.get(name) for name in PROXIES):
        said = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        os.environ["no_proxy"] = ",".join(filter(None, [said, "127.0.0.1,localhost"]))


def tell(line: str) -> None:
    """Show a line of progress, or what went wrong."""
    print(plain(line), file=sys.stderr, flush=True)  # noqa: T201 - for the person in front of it


def address(name: str, given: str) -> str:
    """Return an http address without a slash at its end.

    Raises:
        PermanentError: it is none.
    """
    if not given.startswith(("http://", "https://")):
        raise PermanentError(f"expected {name} to be an http address, got {given!r:.80}")
    return given.rstrip("/")


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
