"""Make a metric's tables anew from the log.

For after a change to what a metric is. Until it is done the old rows are served, and events that
come meanwhile are counted in them; at the end the new ones take their place in one transaction.
Interrupted, the same command goes on where it was.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from dora import database
from dora.commands.command import STOPPED, Command, Progress, tell
from dora.errors import NotFoundError
from dora.pages.words import count
from dora.rebuilding import ALL, metrics, rebuild

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

# Without it, a statement that nobody waits for any more would run, and hold its locks, to its end.
FIND_US_GONE = "-c client_connection_check_interval=1s"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("metric", help=f"one of {', '.join(metrics())}; or {ALL}")
    parser.add_argument("--restart", action="store_true", help="begin anew, if it was interrupted")


def _rebuild(given: Namespace) -> int:
    if given.metric not in (ALL, *metrics()):
        known = ", ".join((*metrics(), ALL))
        raise NotFoundError(f"{given.metric!r:.80} is no metric; there is {known}")
    os.environ["PGOPTIONS"] = f"{FIND_US_GONE} {os.environ.get('PGOPTIONS', '')}".rstrip()
    database.wait_up_to(None)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    started, told = time.monotonic(), Told(given.metric)
    rebuild(given.metric, restart=given.restart, tell=told)
    seconds = time.monotonic() - started
    rate = (told.total - told.before) / seconds
    tell(f"{given.metric}: rebuilt in {seconds:,.1f} s, {rate:,.0f} events/s")
    return 0


class Told:
    """What a rebuild says of how far it is: where it begins or goes on, and then its progress."""

    def __init__(self, metric: str) -> None:
        self.metric, self.before, self.total = metric, 0, 0
        self._progress: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Say how many events of the log it has followed, and how many there are."""
        self.total = total
        if self._progress:
            self._progress.total = total
            self._progress.step(done - self._progress.done)
            return
        self.before, self._progress = done, Progress(total, done)
        tell(f"{self.metric}: rebuilding from {count(total, 'event')} of the log")
        if done:
            tell(f"going on after {count(done, 'event')}")


def _end_at_once(_number: int, _frame: object) -> None:
    """Leave the transaction open: the database undoes it when it finds us gone."""
    tell("stopped; the same command goes on from here")
    os._exit(STOPPED)


COMMAND = Command(
    _rebuild,
    _arguments,
    __doc__,
    """
    dora rebuild deployment-frequency
    dora rebuild all
    """,
    user="dora_metrics",
)
