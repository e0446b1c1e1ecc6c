"""Keep a metric's tables up to date with the log of CDEvents.

Each metric has statements, `sql/metrics/<metric>/apply*.sql`, run in the order of their names, that
turn events into rows. They are given the sources and ids of the events they start from, one (live)
or many (catching up, rebuilding); they read them from the log, never from a payload.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

from dora import catalog
from dora.database import names, one, run, transaction

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

log = logging.getLogger(__name__)

Lock = Literal["metric", "services"]

# Few enough for statements that compare each event with each other.
BATCH_EVENTS = 100
# A tick comes every minute and its answer is waited for; what is left is for the next tick.
CATCH_UP_SECONDS = 20


class Batch(NamedTuple):
    """Events of the log: the source and the id of each, and the place of the last."""

    sources: list[str]
    ids: list[str]
    last: int


def follow(metric: str, event: CloudEvent, *, lock: Lock = "metric") -> None:
    """Bring the metric up to date: with a recorded event, or at a tick with all it missed.

    Args:
        metric: name of the metric's folder in sql/metrics.
        event: a recorded CDEvent, or a tick.
        lock: what nobody else applies events to meanwhile: the whole metric, or, where an event
            changes nothing but rows of its own service and environment, those services.
    """
    catalog.refresh()
    if "recorded" in event.get_attributes():
        with transaction():
            apply(metric, [event["source"]], [event["id"]], lock)
    else:
        catch_up(metric, lock)


def apply(metric: str, sources: list[str], ids: list[str], lock: Lock = "metric") -> None:
    """Apply events of the log, in a transaction that the caller opened."""
    # The lock is a statement of its own, so that what the next one reads is newer than the lock.
    if lock == "services":
        run("metrics/lock_services", metric=metric, sources=sources, ids=ids)
    else:
        run("metrics/lock_metric", metric=metric)
    apply_statements(metric, sources, ids)


def apply_statements(metric: str, sources: list[str], ids: list[str]) -> None:
    """Apply events of the log to tables that nobody else applies events to meanwhile."""
    for statement in names(f"metrics/{metric}/apply"):
        run(statement, sources=sources, ids=ids)


def catch_up(metric: str, lock: Lock = "metric") -> None:
    """Apply all events that came since the last time, in batches that each remember their place."""
    position, newest = run("metrics/read_position", consumer=metric)[0]
    if newest is None or newest <= position:
        return
    decided = decided_place()
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while _catch_up_batch(metric, decided, lock) and time.monotonic() < deadline:
        log.info("%s is catching up", metric)


def decided_place() -> int:
    """Give the place in the log up to which no event can appear any more."""
    with transaction():
        run("metrics/wait_for_writers")
        return one("metrics/read_newest") or 0


def _catch_up_batch(metric: str, decided: int, lock: Lock) -> bool:
    """Apply one batch; tell whether there may be another."""
    with transaction():
        taken = run("metrics/take_position", consumer=metric)
        if not taken:
            return False  # another instance is catching up
        batch = next_batch(taken[0][0], decided)
        if batch is None:
            return False
        apply(metric, batch.sources, batch.ids, lock)
        run("metrics/save_position", consumer=metric, seq=batch.last)
    return True


def next_batch(after: int, until: int) -> Batch | None:
    """Give the events that come next after a place in the log, up to another; None without any."""
    rows = run("metrics/find_batch", after=after, until=until, size=BATCH_EVENTS)
    if not rows:
        return None
    places, sources, ids = zip(*rows, strict=True)
    return Batch(list(sources), list(ids), places[-1])
