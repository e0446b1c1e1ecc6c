"""Keep a metric's tables up to date with the log of CDEvents.

Each metric has statements, `sql/metrics/<metric>/apply*.sql`, run in the order of their names, that
turn events into rows. They are given the events they start from by source and id (live), or by their
place in the log (catching up, rebuilding); they read them from the log, never from a payload.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dora.database import names, one, run, transaction

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

log = logging.getLogger(__name__)

Lock = Literal["metric", "services"]

BATCH_EVENTS = 1000
# A tick comes every minute and its answer is waited for; what is left is for the next tick.
CATCH_UP_SECONDS = 20


@dataclass(frozen=True)
class Events:
    """Which events of the log: one by source and id, or those at places after < seq <= until."""

    source: str | None = None
    id: str | None = None
    after: int | None = None
    until: int | None = None


def follow(metric: str, event: CloudEvent, *, lock: Lock = "metric") -> None:
    """Bring the metric up to date: with a recorded event, or at a tick with all it missed.

    Args:
        metric: name of the metric's folder in sql/metrics.
        event: a recorded CDEvent, or a tick.
        lock: what nobody else applies events to meanwhile: the whole metric, or, where an event
            changes nothing but rows of its own service and environment, those services.
    """
    if "recorded" in event.get_attributes():
        with transaction():
            _apply(metric, Events(source=event["source"], id=event["id"]), lock)
    else:
        catch_up(metric, lock)


def _apply(metric: str, events: Events, lock: Lock) -> None:
    # The lock is a statement of its own, so that what the next one reads is newer than the lock.
    if lock == "services":
        run("metrics/lock_services", metric=metric, **vars(events))
    else:
        run("metrics/lock_metric", metric=metric)
    _run_statements(metric, events)


def _run_statements(metric: str, events: Events) -> None:
    for statement in names(f"metrics/{metric}/apply"):
        run(statement, **vars(events))


def catch_up(metric: str, lock: Lock = "metric") -> None:
    """Apply all events that came since the last time, in batches that each remember their place."""
    position, newest = run("metrics/read_position", consumer=metric)[0]
    if newest is None or newest <= position:
        return
    decided = _decided()
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while _catch_up_batch(metric, decided, lock) and time.monotonic() < deadline:
        log.info("%s is catching up", metric)


def _decided() -> int:
    """Give the place in the log up to which no event can appear any more."""
    with transaction():
        run("metrics/wait_for_writers")
        decided: int = one("metrics/read_newest")
    return decided


def _catch_up_batch(metric: str, decided: int, lock: Lock) -> bool:
    """Apply one batch; tell whether there may be another."""
    with transaction():
        taken = run("metrics/take_position", consumer=metric)
        if not taken:
            return False  # another instance is catching up
        after = taken[0][0]
        until = one("metrics/find_batch", after=after, decided=decided, size=BATCH_EVENTS)
        if until is None:
            return False
        _apply(metric, Events(after=after, until=until), lock)
        run("metrics/save_position", consumer=metric, seq=until)
    return True


def rebuild(metric: str) -> None:
    """Make the metric's rows anew from the whole log; readers see the old ones until it is done."""
    with transaction():
        run("metrics/lock_metric", metric=metric)
        run(f"metrics/{metric}/empty")
        _run_statements(metric, Events(after=0, until=2**63 - 1))
