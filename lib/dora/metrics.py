"""Keep a metric's tables up to date with the log of CDEvents.

Each metric has one statement, `sql/metrics/<metric>/apply.sql`, that turns events into rows. It is
given the events it starts from by source and id (live), or by their place in the log (catching up,
rebuilding); it reads them from the log, never from a payload.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from dora.database import one, run, transaction

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

log = logging.getLogger(__name__)

BATCH_EVENTS = 1000
# A tick comes every minute and its answer is waited for; what is left is for the next tick.
CATCH_UP_SECONDS = 20


def follow(metric: str, event: CloudEvent) -> None:
    """Bring the metric up to date: with a recorded event, or at a tick with all it missed."""
    if "recorded" in event.get_attributes():
        apply(metric, source=event["source"], id=event["id"])
    else:
        catch_up(metric)


def apply(
    metric: str,
    *,
    source: str | None = None,
    id: str | None = None,  # noqa: A002 - the CloudEvents name
    after: int | None = None,
    until: int | None = None,
) -> None:
    """Turn one event of the log, or those at the places after < seq <= until, into rows."""
    events = {"source": source, "id": id, "after": after, "until": until}
    with transaction():
        _apply(metric, events)


def _apply(metric: str, events: dict[str, str | int | None]) -> None:
    # The lock is a statement of its own, so that what the next one reads is newer than the lock.
    run("metrics/lock_services", metric=metric, **events)
    run(f"metrics/{metric}/apply", **events)


def catch_up(metric: str) -> None:
    """Apply all events that came since the last time, in batches that each remember their place."""
    position, newest = run("metrics/read_position", consumer=metric)[0]
    if newest is None or newest <= position:
        return
    decided = _decided()
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while _catch_up_batch(metric, decided) and time.monotonic() < deadline:
        log.info("%s is catching up", metric)


def _decided() -> int:
    """Give the place in the log up to which no event can appear any more."""
    with transaction():
        run("metrics/wait_for_writers")
        decided: int = one("metrics/read_newest")
    return decided


def _catch_up_batch(metric: str, decided: int) -> bool:
    """Apply one batch; tell whether there may be another."""
    with transaction():
        taken = run("metrics/take_position", consumer=metric)
        if not taken:
            return False  # another instance is catching up
        after = taken[0][0]
        until = one("metrics/find_batch", after=after, decided=decided, size=BATCH_EVENTS)
        if until is None:
            return False
        _apply(metric, {"source": None, "id": None, "after": after, "until": until})
        run("metrics/save_position", consumer=metric, seq=until)
    return True


def rebuild(metric: str) -> None:
    """Make the metric's rows anew from the whole log; readers see the old ones until it is done."""
    everything = {"source": None, "id": None, "after": 0, "until": 2**63 - 1}
    with transaction():
        run("metrics/lock_metric", metric=metric)
        run(f"metrics/{metric}/empty")
        run(f"metrics/{metric}/apply", **everything)
