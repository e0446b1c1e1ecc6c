"""Keep what is computed up to date with the log of CDEvents.

First the timeline that all metrics share: once for each event, by whichever metric comes first. In
the same transaction it is noted for each metric which deployments changed. Then the metric renews
the rows of those in its own tables, by its statements `sql/metrics/<metric>/apply*.sql`, run in the
order of their names, which are given the sources and ids of deployments.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from dora import catalog
from dora.database import names, one, run, transaction

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

log = logging.getLogger(__name__)

TIMELINE = "timeline"
BATCH_EVENTS = 200
BATCH_DEPLOYMENTS = 1000
# A tick comes every minute and its answer is waited for; what is left is for the next tick.
CATCH_UP_SECONDS = 20


def follow(metric: str, event: CloudEvent) -> None:
    """Bring the metric up to date: with a recorded event, or at a tick with all it missed.

    Args:
        metric: name of the metric's folder in sql/metrics.
        event: a recorded CDEvent, or a tick.
    """
    catalog.refresh()
    deadline = time.monotonic() + CATCH_UP_SECONDS
    if "recorded" in event.get_attributes():
        apply_event(event["source"], event["id"])
    else:
        catch_up(deadline)
    renew(metric, deadline)


def apply_event(source: str, event_id: str) -> None:
    """Apply an event of the log to the timeline, if that does not have it yet."""
    if one("metrics/is_due", source=source, id=event_id):
        with transaction():
            lock(TIMELINE)
            run("metrics/apply_event", source=source, id=event_id)


def catch_up(deadline: float) -> None:
    """Apply all events that the timeline lacks, in batches that each remember their place.

    Args:
        deadline: of the monotonic clock; after it no batch is begun.
    """
    position, newest = run("metrics/read_position")[0]
    if newest is None or newest <= position:
        return
    decided = decided_place()
    while _catch_up_batch(decided) and time.monotonic() < deadline:
        log.info("catching up with the log")


def decided_place() -> int:
    """Return the place in the log up to which no event can appear any more."""
    with transaction():
        run("metrics/wait_for_writers")
        return one("metrics/read_newest") or 0


def _catch_up_batch(decided: int) -> bool:
    """Apply one batch; return whether there may be another."""
    with transaction():
        taken = run("metrics/take_position")
        if not taken:
            return False  # another instance is catching up
        lock(TIMELINE)
        rows = run("metrics/find_batch", after=taken[0][0], until=decided, size=BATCH_EVENTS)
        is_full = len(rows) == BATCH_EVENTS
        if rows:
            places, sources, ids = zip(*rows, strict=True)
            run("metrics/advance", sources=list(sources), ids=list(ids))
        run("metrics/save_position", seq=places[-1] if is_full else decided)
    return is_full


def renew(metric: str, deadline: float) -> None:
    """Renew the metric's rows of deployments that changed, in batches.

    Args:
        metric: name of the metric's folder in sql/metrics.
        deadline: of the monotonic clock; after it no batch is begun.
    """
    is_stale = one("metrics/is_stale", metric=metric)
    if is_stale is None:
        with transaction():
            lock(TIMELINE)
            run("metrics/begin_following", metric=metric)
        is_stale = True
    while is_stale:
        is_stale = _renew_batch(metric) and time.monotonic() < deadline


def _renew_batch(metric: str) -> bool:
    """Renew the rows of one batch; return whether there may be another."""
    with transaction():
        lock(metric)
        rows = run("metrics/take_stale", metric=metric, size=BATCH_DEPLOYMENTS)
        if rows:
            sources, ids = zip(*rows, strict=True)
            apply_statements(metric, list(sources), list(ids))
    return bool(rows)


def apply_statements(metric: str, sources: list[str], ids: list[str]) -> None:
    """Make the metric's rows of deployments anew; nobody else may do so meanwhile."""
    for statement in names(f"metrics/{metric}/apply"):
        run(statement, sources=sources, ids=ids)


def lock(name: str) -> None:
    """Let nobody else write the timeline, or a metric's tables, until the transaction ends.

    It is a statement of its own, so that what the next one reads is newer than the lock.
    """
    run("metrics/lock", locked=name)
