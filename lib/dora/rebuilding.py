"""Make anew what is computed: the rows of a metric, or all of it from the log.

It is made in the schema `rebuilding`, in tables of the same names, while the old rows are served and
live events change them; at the end one transaction exchanges the rows. Each batch is one transaction,
so it may end at any moment, and go on later.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from dora import database
from dora.database import names, one, run, text, transaction
from dora.errors import TemporaryError
from dora.event_log import (
    BATCH_DEPLOYMENTS,
    TIMELINE,
    apply_statements,
    catch_up,
    decided_place,
    lock,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALL = "all"
BATCH_EVENTS = 1000


def metrics() -> list[str]:
    """Return the names of the metrics: the folders that have a statement to make rows."""
    return sorted(
        {
            file.parent.name
            for folder in database.SQL_FOLDERS
            for file in folder.glob("metrics/*/apply*.sql")
        }
    )


class Rebuild:
    """A rebuild, and how far it is, remembered in the database.

    Args:
        what: name of a metric's folder in sql/metrics, which is made of the timeline; or ALL: the
            timeline from the log, with all metrics.
        restart: whether to begin anew, if it was interrupted. It does so by itself if statements or
            settings are others now.

    Attributes:
        done: how many events and deployments it has done.
    """

    def __init__(self, what: str, *, restart: bool = False) -> None:
        self.what, self._planned_for = what, 0
        self.metrics = metrics() if what == ALL else [what]
        self._tables = [
            table for metric in self.metrics for table in one(f"metrics/{metric}/tables")
        ]
        if what == ALL:
            self._tables += one("metrics/timeline_tables")
        statements = [
            text(name) for each in self.metrics for name in names(f"metrics/{each}/apply")
        ]
        digest = sha256("".join(statements).encode()).hexdigest()
        if what != ALL:
            catch_up(math.inf)
        decided = decided_place()
        with transaction():
            lock(TIMELINE)
            run("commands/rebuild/begin_rebuild", what=what, statements=digest, restart=restart)
            self._take()
            if not self.done:
                self._begin(decided)

    @property
    def left(self) -> int:
        """How many events, of one metric deployments, are left."""
        left: int = one("commands/rebuild/count_left", follower=self._follower(self.what))
        return left

    def run(self, tell: Callable[[int], None] = lambda _count: None) -> None:
        """Do the rest, and exchange the rows.

        Args:
            tell: is called after each batch, with how many events or deployments it was.
        """
        # What came meanwhile may be too much for live events to wait for.
        while self._steps(tell) or self._take_new(decided_place()) >= BATCH_EVENTS:
            pass
        self.finish(tell)

    def step(self) -> int:
        """Do a batch; return how many events or deployments it was."""
        with self._taken():
            return self._batch()

    def finish(self, tell: Callable[[int], None] = lambda _count: None) -> None:
        """Do what is left, and exchange the rows, while nobody else changes them."""
        with transaction():
            for name in [TIMELINE, *self.metrics] if self.what == ALL else self.metrics:
                lock(name)
            self._take()
            self._fill(one("metrics/read_newest") or 0)
            while done := self._batch():
                tell(done)
            run("commands/rebuild/end_rebuild", what=self.what)
            run("commands/rebuild/finish_tables", tables=self._tables)
            if self.what == ALL:
                run("commands/rebuild/drop_queue")
            else:
                run("commands/rebuild/forget_follower", follower=self._follower(self.what))

    def _begin(self, decided: int) -> None:
        run("commands/rebuild/begin_tables", tables=self._tables)
        if self.what == ALL:
            run("commands/rebuild/begin_queue")
            self._fill(decided)
        else:
            run("commands/rebuild/forget_follower", follower=self._follower(self.what))
            run("metrics/begin_following", metric=self._follower(self.what))

    def _follower(self, metric: str) -> str:
        """Return as what it follows the timeline: beside the metric, or in a queue of its own."""
        return metric if self.what == ALL else f"{metric} rebuilding"

    def _steps(self, tell: Callable[[int], None]) -> int:
        before = self.done
        while done := self.step():
            tell(done)
        return self.done - before

    def _take_new(self, until: int) -> int:
        """Take the events that came meanwhile; return how many they are."""
        with self._taken():
            return self._fill(until)

    def _fill(self, until: int) -> int:
        if self.what != ALL or until <= self._seq:
            return 0
        added = len(run("commands/rebuild/fill_events", after=self._seq, until=until))
        self._save(until, 0)
        return added

    def _batch(self) -> int:
        # Not as planned for the tables that are served, nor as for small ones when they grow.
        if self.done >= 2 * self._planned_for:
            run("metrics/forget_plans")
            self._planned_for = self.done
        done = self._events() if self.what == ALL else 0
        done = done or next(filter(None, map(self._deployments, self.metrics)), 0)
        self._save(self._seq, done)
        return done

    def _events(self) -> int:
        rows = run("commands/rebuild/take_events", size=BATCH_EVENTS)
        if rows:
            sources, ids = map(list, zip(*rows, strict=True))
            run("metrics/advance", sources=sources, ids=ids)
        return len(rows)

    def _deployments(self, metric: str) -> int:
        follower = self._follower(metric)
        if one("metrics/is_stale", metric=follower) is None:
            run("metrics/begin_following", metric=follower)
        rows = run("metrics/take_stale", metric=follower, size=BATCH_DEPLOYMENTS)
        if rows:
            sources, ids = map(list, zip(*rows, strict=True))
            apply_statements(metric, sources, ids)
        return len(rows)

    def _save(self, seq: int, done: int) -> None:
        self._seq, self.done = seq, self.done + done
        run("commands/rebuild/save_rebuild", what=self.what, seq=seq, done=self.done)

    @contextmanager
    def _taken(self) -> Iterator[None]:
        with transaction():
            self._take()
            yield

    def _take(self) -> None:
        """Take it for us alone until the transaction ends, and let names mean its tables.

        Raises:
            TemporaryError: it is no more.
        """
        taken = run("commands/rebuild/take_rebuild", what=self.what)
        if not taken:
            raise TemporaryError(
                f"this rebuild of {self.what} was ended meanwhile, by another one or by an"
                " installation of the database; run it again, when there is none of all"
            )
        self._seq, self.done = taken[0]
