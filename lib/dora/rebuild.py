"""Make a metric's tables anew from the log: `python -m dora.rebuild METRIC`.

It is one transaction: until it is done the old answers are served, and events that come meanwhile
wait and are counted after it. Interrupted, it has changed nothing; run it again.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from argparse import ArgumentParser, Namespace

from dora import database
from dora.command import STOPPED, Progress, Stop, run_command, tell
from dora.errors import NotFoundError
from dora.metrics import rebuild

ALL = "all"
# Without it, a statement that nobody waits for any more would run, and hold its locks, to its end.
FIND_US_GONE = "-c client_connection_check_interval=1s"


def main() -> int:
    """Run the command; give the exit status."""
    parser = ArgumentParser("dora.rebuild", description=__doc__)
    parser.add_argument("metric", help=f"one of {', '.join(metrics())}; or {ALL}")
    os.environ.setdefault("PGOPTIONS", FIND_US_GONE)
    return run_command(parser, _rebuild)


def metrics() -> list[str]:
    """Give the names of the metrics: the folders that have a statement to apply events."""
    return sorted(
        {
            file.parent.name
            for folder in database.SQL_FOLDERS
            for file in folder.glob("metrics/*/apply*.sql")
        }
    )


def _rebuild(given: Namespace, _stop: Stop) -> int:
    if given.metric not in (ALL, *metrics()):
        known = ", ".join((*metrics(), ALL))
        raise NotFoundError(f"{given.metric!r:.80} is no metric; there is {known}")
    database.wait_without_end()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    for metric in metrics() if given.metric == ALL else [given.metric]:
        _rebuild_one(metric)
    return 0


def _end_at_once(_number: int, _frame: object) -> None:
    """Leave the transaction open: the database undoes it when it finds us gone."""
    tell("stopped; a rebuild that was not done has changed nothing")
    os._exit(STOPPED)


def _rebuild_one(metric: str) -> None:
    events = database.one("commands/rebuild/count_events")
    tell(f"{metric}: rebuilding from {events:,} events of the log")
    started = time.monotonic()
    rebuild(metric, Progress(events).step)
    seconds = time.monotonic() - started
    tell(f"{metric}: rebuilt in {seconds:,.1f} s, {events / seconds:,.0f} events/s")


if __name__ == "__main__":
    sys.exit(main())
