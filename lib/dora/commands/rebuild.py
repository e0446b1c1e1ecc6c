"""Make anew what is computed: `python -m dora rebuild METRIC`, or all of it from the log.

For after a change to what a metric is. Until it is done the old rows are served, and events that
come meanwhile are counted in them; at the end the new ones take their place in one transaction.
Interrupted, the same command goes on where it was.
"""

from __future__ import annotations

import os
import signal
import time
from argparse import ArgumentParser, Namespace

from dora import database
from dora.commands.command import STOPPED, Progress, Stop, run_command, tell
from dora.errors import NotFoundError
from dora.rebuilding import ALL, Rebuild, metrics

# Without it, a statement that nobody waits for any more would run, and hold its locks, to its end.
FIND_US_GONE = "-c client_connection_check_interval=1s"


def main() -> int:
    """Run the command; return the exit status."""
    parser = ArgumentParser("dora rebuild", description=__doc__)
    parser.add_argument("metric", help=f"one of {', '.join(metrics())}; or {ALL}")
    parser.add_argument("--restart", action="store_true", help="begin anew, if it was interrupted")
    os.environ["PGOPTIONS"] = f"{FIND_US_GONE} {os.environ.get('PGOPTIONS', '')}".rstrip()
    return run_command(parser, _rebuild)


def _rebuild(given: Namespace, _stop: Stop) -> int:
    if given.metric not in (ALL, *metrics()):
        known = ", ".join((*metrics(), ALL))
        raise NotFoundError(f"{given.metric!r:.80} is no metric; there is {known}")
    database.wait_without_end()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    _rebuild_one(given.metric, restart=given.restart)
    return 0


def _end_at_once(_number: int, _frame: object) -> None:
    """Leave the transaction open: the database undoes it when it finds us gone."""
    tell("stopped; the same command goes on from here")
    os._exit(STOPPED)


def _rebuild_one(metric: str, *, restart: bool) -> None:
    rebuild = Rebuild(metric, restart=restart)
    before, left = rebuild.done, rebuild.left
    unit = "events of the log" if metric == ALL else "deployments"
    tell(f"{metric}: rebuilding from {before + left:,} {unit}")
    if before:
        tell(f"going on after {before:,}")
    started = time.monotonic()
    rebuild.run(Progress(before + left, before).step)
    seconds = time.monotonic() - started
    tell(f"{metric}: rebuilt in {seconds:,.1f} s, {(rebuild.done - before) / seconds:,.0f}/s")
