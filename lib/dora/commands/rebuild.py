"""Make a metric's tables anew from the log: `python -m dora rebuild METRIC`.

For after a change to what a metric is. Until it is done the old rows are served, and events that
come meanwhile are counted in them; at the end the new ones take their place in one transaction.
Interrupted, the same command goes on where it was.
"""

from __future__ import annotations

import os
import signal
import time
from argparse import ArgumentParser, Namespace
from hashlib import sha256
from typing import TYPE_CHECKING

from dora import database
from dora.commands.command import STOPPED, Progress, Stop, run_command, tell
from dora.database import names, one, run, text, transaction
from dora.errors import NotFoundError, TemporaryError
from dora.event_log import BATCH_EVENTS, apply_statements, decided_place, next_batch

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = "all"
# Without it, a statement that nobody waits for any more would run, and hold its locks, to its end.
FIND_US_GONE = "-c client_connection_check_interval=1s"


def main() -> int:
    """Run the command; give the exit status."""
    parser = ArgumentParser("dora rebuild", description=__doc__)
    parser.add_argument("metric", help=f"one of {', '.join(metrics())}; or {ALL}")
    parser.add_argument("--restart", action="store_true", help="begin anew, if it was interrupted")
    os.environ["PGOPTIONS"] = f"{FIND_US_GONE} {os.environ.get('PGOPTIONS', '')}".rstrip()
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


class Rebuild:
    """A rebuild of one metric, and how far it is, remembered in the database.

    Its rows are made beside those that are served, and each batch with its place is one
    transaction. So it may end at any moment, and go on later.

    Args:
        metric: name of the metric's folder in sql/metrics.
        restart: whether to begin anew, if it was interrupted. It does so by itself if statements or
            settings are others now.
    """

    def __init__(self, metric: str, *, restart: bool = False) -> None:
        self.metric, self._planned_for = metric, 0
        self._tables = one(f"metrics/{metric}/tables")
        statements = "".join(text(name) for name in names(f"metrics/{metric}/apply"))
        with transaction():
            run(
                "commands/rebuild/begin_rebuild",
                metric=metric,
                statements=sha256(statements.encode()).hexdigest(),
                restart=restart,
            )
            _, self.done = self._take()
            if not self.done:
                run("commands/rebuild/begin_tables", tables=self._tables)

    def run(self, tell: Callable[[int], None] = lambda _events: None) -> None:
        """Apply the rest of the log, and exchange the rows.

        Args:
            tell: is called after each batch, with how many events it was.
        """
        while self._apply_batches(decided_place(), tell) >= BATCH_EVENTS:
            pass  # what came meanwhile is too much for live events to wait for
        with transaction():
            run("metrics/lock_metric", metric=self.metric)
            newest = one("metrics/read_newest") or 0
            while applied := self._apply_batch(newest):
                tell(applied)
            run("commands/rebuild/end_rebuild", metric=self.metric)
            run("commands/rebuild/finish_tables", tables=self._tables)

    def _apply_batches(self, until: int, tell: Callable[[int], None]) -> int:
        """Apply the log up to a place, each batch in a transaction; give how many events."""
        before = self.done
        while True:
            with transaction():
                applied = self._apply_batch(until)
            if not applied:
                return self.done - before
            tell(applied)

    def _apply_batch(self, until: int) -> int:
        """Apply the next batch up to a place; give how many events it was."""
        after, self.done = self._take()
        batch = next_batch(after, until)
        if batch is None:
            return 0
        # Not as planned for the tables that are served, nor as for small ones when they grow.
        if self.done >= 2 * self._planned_for:
            run("metrics/forget_plans")
            self._planned_for = self.done
        apply_statements(self.metric, batch.sources, batch.ids)
        self.done += len(batch.ids)
        run("commands/rebuild/save_rebuild", metric=self.metric, seq=batch.last, done=self.done)
        return len(batch.ids)

    def _take(self) -> tuple[int, int]:
        """Take the place for us alone until the transaction ends, and let names mean its tables.

        Returns: up to which place of the log it is, and how many events that was.

        Raises:
            TemporaryError: it is no more.
        """
        taken = run("commands/rebuild/take_rebuild", metric=self.metric)
        if not taken:
            raise TemporaryError(
                f"this rebuild of {self.metric} was ended meanwhile, by another one or by an"
                " installation of the database; run it again"
            )
        return taken[0][0], taken[0][1]


def _rebuild(given: Namespace, _stop: Stop) -> int:
    if given.metric not in (ALL, *metrics()):
        known = ", ".join((*metrics(), ALL))
        raise NotFoundError(f"{given.metric!r:.80} is no metric; there is {known}")
    database.wait_without_end()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end_at_once)
    for metric in metrics() if given.metric == ALL else [given.metric]:
        _rebuild_one(metric, restart=given.restart)
    return 0


def _end_at_once(_number: int, _frame: object) -> None:
    """Leave the transaction open: the database undoes it when it finds us gone."""
    tell("stopped; the same command goes on from here")
    os._exit(STOPPED)


def _rebuild_one(metric: str, *, restart: bool) -> None:
    rebuild = Rebuild(metric, restart=restart)
    events, before = one("commands/rebuild/count_events"), rebuild.done
    tell(f"{metric}: rebuilding from {events:,} events of the log")
    if before:
        tell(f"going on after {before:,} events")
    started = time.monotonic()
    rebuild.run(Progress(events, before).step)
    seconds = time.monotonic() - started
    tell(
        f"{metric}: rebuilt in {seconds:,.1f} s, {(rebuild.done - before) / seconds:,.0f} events/s"
    )
