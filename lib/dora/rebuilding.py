"""What is computed, made anew from the log beside what is served.

In the schema `rebuilding` there are empty tables of the same names. On a connection on which names
mean those, the same code that follows the log follows it there from the beginning, while the old
rows are served and what comes is counted in them; first all that there was when it began, in the
order in which nothing has to be looked at twice. Where only one metric is made anew, what all share
is copied. At the end one transaction puts the new rows in their place. It may end at any moment,
and go on later; one at a time is at it.
"""

from __future__ import annotations

import logging
import time
from hashlib import sha256
from typing import TYPE_CHECKING

from dora import database
from dora.database import copy, names, one, run, text, transaction
from dora.errors import PermanentError, TemporaryError
from dora.timeline import (
    TIMELINE,
    apply_visible,
    catch_up,
    decided_place,
    in_batches,
    lock_row,
    renew,
    renew_batch,
    set_aside,
)

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

SCHEMA, ALL = "rebuilding", "all"
# So often it says how far it is.
SLICE_SECONDS = 2
BATCH_EVENTS = 1000


def metrics() -> list[str]:
    """Return the names of the metrics: the folders that have a statement to make rows."""
    return sorted({name.split("/")[1] for name in names("metrics/*/apply")})


def apply_catalog(deadline: float) -> None:
    """Go on with what a change of the catalog asks for, if there was one and nobody else is at it.

    Args:
        deadline: of the monotonic clock; after it no batch is begun.
    """
    if one("metrics/is_catalog_changed"):
        with database.names_in(SCHEMA):
            if one("commands/rebuild/try_to_begin"):
                log.info("computing everything anew with the catalog that was loaded last")
                Rebuild(ALL).go_on(deadline)


def rebuild(
    what: str, *, restart: bool = False, tell: Callable[[int, int], None] = lambda *_: None
) -> None:
    """Make a metric's tables anew from what all share, or all that is computed from the log.

    It waits until that is done.

    Args:
        what: name of a metric, or ALL. Where a changed catalog was not applied yet, it is all.
        restart: whether to begin anew, if it was interrupted. It does so by itself if statements,
            settings or the catalog are others now.
        tell: is called at the begin and every two seconds: how many events of the log it has
            followed, and how many there are.
    """
    with database.names_in(SCHEMA):
        run("commands/rebuild/wait_to_begin")
        made = Rebuild(ALL if one("metrics/is_catalog_changed") else what, restart=restart)
        planned_for, total = made.progress()
        tell(planned_for, total)
        while not made.go_on(time.monotonic() + SLICE_SECONDS):
            done, total = made.progress()
            tell(done, total)
            if done > 2 * planned_for:  # plans are for tables that were much smaller
                run("metrics/forget_plans")
                planned_for = done


class Rebuild:
    """A rebuild that begins, or goes on where it was interrupted.

    On a connection on which names mean the tables in SCHEMA.
    """

    def __init__(self, what: str, *, restart: bool = False) -> None:
        self.what, self.metrics = what, metrics() if what == ALL else [what]
        shared: list[str] = one("metrics/tables")
        own: list[str] = [each for name in metrics() for each in one(f"metrics/{name}/tables")]
        self._tables = [*shared, *own]
        log_end = decided_place() if what == ALL else 0
        with copy():
            if not self._begins(log_end, restart=restart):
                return
            run("commands/rebuild/begin_tables", tables=self._tables)
            if what == ALL:
                run("commands/rebuild/fill_catalog")
                run("commands/rebuild/forget_order")
                run("commands/rebuild/order_log")
            else:
                run("commands/rebuild/copy_shared", tables=shared)
                run("commands/rebuild/forget_followers")

    def _begins(self, log_end: int, *, restart: bool) -> bool:
        statements = "".join(text(name) for name in names("metrics/*/apply"))
        begun = run(
            "commands/rebuild/begin_rebuild",
            what=self.what,
            statements=sha256(statements.encode()).hexdigest(),
            restart=restart,
            log_end=log_end,
        )
        return bool(begun)

    def progress(self) -> tuple[int, int]:
        """Return how many events of the log it has followed, and how many there are."""
        counted = run("commands/rebuild/count_events", metric=self.metrics[0])
        if not counted:
            raise self._ended()
        done, total = counted[0]
        return done, total

    def go_on(self, deadline: float) -> bool:
        """Follow the log, make the metrics' rows, and exchange them.

        Args:
            deadline: of the monotonic clock; after it no batch is begun.

        Returns: whether it is done.

        Raises:
            TemporaryError: it was ended meanwhile.
        """
        is_ready = (
            in_batches(self._follow_batch, deadline, BATCH_EVENTS)
            and catch_up(deadline)
            and all(renew(name, deadline) for name in self.metrics)
        )
        if is_ready:
            with transaction():
                self._exchange()
        return is_ready

    def _follow_batch(self, size: int) -> bool:
        """Follow so many more events of the log as it was; return whether there are others."""
        try:
            followed = run("commands/rebuild/follow_batch", size=size)
        except PermanentError as error:
            if size > 1:
                raise
            [[source, event_id]] = run("commands/rebuild/read_next")
            set_aside(source, event_id, error)
            followed = run("commands/rebuild/follow_batch", size=1)
        if not followed:
            raise self._ended()
        is_more: bool = followed[0][0]
        return is_more

    def _ended(self) -> TemporaryError:
        return TemporaryError(
            f"this rebuild of {self.what} was ended meanwhile, by another one or by an"
            " installation of the database; run it again"
        )

    def _exchange(self) -> None:
        run("commands/rebuild/lock_position")
        for name in (TIMELINE, *self.metrics):
            lock_row("commands/rebuild/lock_served", name)
        apply_visible()  # what came meanwhile
        for name in self.metrics:
            while renew_batch(name):
                pass
        ended = run("commands/rebuild/end_rebuild", what=self.what)
        if not ended:
            raise self._ended()
        run("commands/rebuild/finish_tables", tables=self._served())
        run("commands/rebuild/drop_tables", tables=self._tables)
        run("commands/rebuild/forget_order")
        if self.what == ALL:
            run("commands/rebuild/save_applied_catalog", version=ended[0][0])

    def _served(self) -> list[str]:
        """Return the tables whose rows take the place of those that are served."""
        return self._tables if self.what == ALL else one(f"metrics/{self.what}/tables")
