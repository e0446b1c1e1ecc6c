"""Try again what was set aside because it could not be applied, for after its reason was mended.

`dora quality` says what that is. It counts as if it came now: the next event or tick applies it, or
sets it aside again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora.commands.command import Command
from dora.commands.terminal import show
from dora.database import run
from dora.errors import NotFoundError
from dora.pages.words import count
from dora.rebuilding import metrics
from dora.timeline import TIMELINE

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "metric",
        nargs="?",
        help=f"only of {TIMELINE}, which all share, or of {', '.join(metrics())}",
    )


def _retry(given: Namespace) -> int:
    if given.metric not in (None, TIMELINE, *metrics()):
        known = ", ".join((TIMELINE, *metrics()))
        raise NotFoundError(f"{given.metric!r:.80} is no metric; there is {known}")
    [[events, deployments]] = run("commands/retry/retry_events", metric=given.metric)
    show(f"{count(events, 'event')} and {count(deployments, 'deployment')} will be tried again")
    return 0


COMMAND = Command(
    _retry,
    _arguments,
    __doc__,
    """
    dora retry
    dora retry lead-time-for-changes
    """,
    user="postgres",
)
