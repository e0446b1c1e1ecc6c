"""Remove what is old and what no metric needs: raw events, dead letters, and replaced reports.

The log of CDEvents stays, and with it every number. What is removed cannot be replayed or sent again.
Each batch is a transaction: interrupted, the same command goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dora import database
from dora.commands.command import STOPPED, Command, Progress, Stop, tell
from dora.database import run
from dora.errors import PermanentError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

BATCH_EVENTS = 5000
LEAST_DAYS, MOST_DAYS = 30, 36500


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--older-than",
        required=True,
        metavar="DAYS",
        help=f"such as 400d; at least {LEAST_DAYS}d since it came",
    )
    parser.add_argument("--dry-run", action="store_true", help="only count what would be removed")


def _prune(given: Namespace) -> int:
    before = datetime.now(UTC) - timedelta(days=days_of(given.older_than))
    stop = Stop()
    database.wait_up_to(None)
    counts = _counts(run("commands/prune/count_old", before=before))
    tell(_said(counts))
    if given.dry_run:
        return 0
    progress, done = Progress(counts.total()), Counter[str]()
    while not stop.told:
        batch = _counts(run("commands/prune/prune_events", before=before, most=BATCH_EVENTS))
        if not batch.total():
            tell(f"removed: {_said(done)}")
            return 0
        done += batch
        progress.step(batch.total())
    return STOPPED


def days_of(text: str) -> int:
    """Return a number of days that is written like 400d.

    Raises:
        PermanentError: it is none, or too few or many.
    """
    given = re.fullmatch(r"(\d{1,6})d", text)
    if not given or not LEAST_DAYS <= int(given[1]) <= MOST_DAYS:
        raise PermanentError(
            f"expected --older-than to be from {LEAST_DAYS}d to {MOST_DAYS}d, got {text!r:.80}"
        )
    return int(given[1])


def _counts(rows: list[list[str | int]]) -> Counter[str]:
    return Counter({str(kept_in): int(events) for kept_in, events in rows})


def _said(counts: Counter[str]) -> str:
    said = ", ".join(f"{count:,} in {name}" for name, count in counts.items() if count)
    return said or "nothing is that old"


COMMAND = Command(
    _prune,
    _arguments,
    __doc__,
    """
    dora prune --older-than 400d --dry-run
    dora prune --older-than 400d
    """,
)
