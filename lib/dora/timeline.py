"""The timeline that all metrics share, and the metrics' own rows, brought up to date with the log.

The timeline is applied once for each event, by whichever metric comes first, together with what
waits behind it. In the same transaction it is noted for each metric which deployments changed. Then
the metric renews the rows of those in its own tables, by its statements
`sql/metrics/<metric>/apply*.sql`, run in the order of their names, which are given the sources and
ids of deployments.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dora.database import names, one, run, transaction
from dora.errors import PermanentError, TemporaryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

TIMELINE = "timeline"
BATCH_EVENTS = 200
BATCH_SECONDS = 2  # a batch that takes longer is followed by a smaller one
BATCH_DEPLOYMENTS = 1000
WAITING_EVENTS = 50  # applied with one that is delivered
TURN_SECONDS = 10

_turn = threading.Lock()


def follow_event(metric: str, source: str, event_id: str, deadline: float) -> None:
    """Bring a metric up to date with an event of the log, and with what else waits.

    One thread of a process at a time: those that waited mostly find it done.

    Args:
        metric: name of the metric's folder in sql/metrics.
        source: the event's source.
        event_id: the event's id.
        deadline: of the monotonic clock; after it no batch is begun.

    Raises:
        TemporaryError: others were at it for too long.
    """
    with _in_turn():
        [[is_due, is_stale]] = run("metrics/is_behind", metric=metric, source=source, id=event_id)
        if is_due:
            apply_event(source, event_id)
        if is_due or is_stale:
            renew(metric, deadline)


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _turn.acquire(timeout=TURN_SECONDS):
        raise TemporaryError("others are applied at this moment; send it again")
    try:
        yield
    finally:
        _turn.release()


def apply_event(source: str, event_id: str) -> None:
    """Apply an event of the log to the timeline, if that lacks it, and what waits behind it."""
    try:
        _apply_waiting(source, event_id, WAITING_EVENTS)
    except PermanentError:
        # Whichever of them cannot be applied, it has a delivery of its own.
        try:
            _apply_waiting(source, event_id, 0)
        except PermanentError as error:
            set_aside(source, event_id, error)


def _apply_waiting(source: str, event_id: str, others: int) -> None:
    with transaction():
        run("metrics/wait_briefly")
        lock(TIMELINE)
        run("metrics/apply_waiting", source=source, id=event_id, others=others)


def set_aside(source: str, event_id: str, error: PermanentError) -> None:
    """Set aside an event that the timeline cannot be advanced with; nothing comes of it any more."""
    log.error("%s %s is set aside: %s", source, event_id, error)
    with transaction():
        run("metrics/wait_briefly")
        lock(TIMELINE)
        run("metrics/set_aside", source=source, id=event_id, reason=str(error))


def catch_up(deadline: float) -> bool:
    """Apply all events that the timeline lacks, in batches that each remember their place.

    Args:
        deadline: of the monotonic clock; after it no batch is begun.

    Returns: whether the timeline has all that there was when it was called.
    """
    position, newest = run("metrics/read_position")[0]
    if newest is None or newest <= position:
        return True
    decided = decided_place()
    return in_batches(lambda size: _catch_up_batch(decided, size), deadline, BATCH_EVENTS)


def in_batches(apply: Callable[[int], bool], deadline: float, most: int) -> bool:
    """Apply one batch of events after the other; one that cannot be applied is halved.

    Args:
        apply: is called with how many events to apply; returns whether there may be more. Of a
            single event it raises no PermanentError that another one could avoid.
        deadline: of the monotonic clock; after it no batch is begun.
        most: events in a batch.

    Returns: whether all are applied.
    """
    size, begun = 1, time.monotonic()
    is_more = True
    while is_more:
        try:
            is_more = apply(size)
        except PermanentError:
            if size == 1:
                raise
            begun, size = time.monotonic(), size // 2
            continue
        ended = time.monotonic()
        if is_more and ended >= deadline:
            return False
        log.info("catching up with the log")
        # Late events may take seconds each: so the next try of a batch that failed is a short one.
        size = min(2 * size, most) if ended - begun < BATCH_SECONDS else max(size // 2, 1)
        begun = ended
    return True


def decided_place() -> int:
    """Return the place in the log up to which no event can appear any more."""
    with transaction():
        run("metrics/wait_for_writers")
        return one("metrics/read_newest") or 0


def _catch_up_batch(decided: int, size: int) -> bool:
    """Apply one batch, and set aside a single event that cannot be; return whether there may be another."""
    try:
        return _advance(decided, size)
    except PermanentError as error:
        if size > 1:
            raise
        position, _newest = run("metrics/read_position")[0]
        [[_place, source, event_id]] = run(
            "metrics/find_batch", after=position, until=decided, size=1
        )
        set_aside(source, event_id, error)
        return _advance(decided, size, is_aside=True)


def _advance(decided: int, size: int, *, is_aside: bool = False) -> bool:
    with transaction():
        run("metrics/wait_briefly")
        position = one("metrics/take_position")
        lock(TIMELINE)
        rows = run("metrics/find_batch", after=position, until=decided, size=size)
        is_full = len(rows) == size
        if rows:
            places, sources, ids = zip(*rows, strict=True)
            if not is_aside:
                run("metrics/advance", sources=list(sources), ids=list(ids))
        run("metrics/save_position", seq=places[-1] if is_full else decided)
    return is_full


def apply_visible() -> None:
    """Apply all events that the timeline lacks and that can be seen now, decided or not.

    In a transaction that the caller opened, in which nobody else writes the timeline.
    """
    position, newest = run("metrics/read_position")[0]
    while rows := run("metrics/find_batch", after=position, until=newest, size=BATCH_EVENTS):
        places, sources, ids = zip(*rows, strict=True)
        run("metrics/advance", sources=list(sources), ids=list(ids))
        run("metrics/remember_applied", places=list(places))


def renew(metric: str, deadline: float) -> bool:
    """Renew the metric's rows of deployments that changed, in batches.

    Args:
        metric: name of the metric's folder in sql/metrics.
        deadline: of the monotonic clock; after it no batch is begun.

    Returns: whether none is left of those that there were when it was called.
    """
    newest = one("metrics/read_stale", metric=metric)
    if newest is None:
        with transaction():
            run("metrics/wait_briefly")
            lock(TIMELINE)
            run("metrics/begin_following", metric=metric)
        newest = one("metrics/read_stale", metric=metric)
    is_stale = newest > 0
    size = BATCH_DEPLOYMENTS
    while is_stale:
        try:
            with transaction():
                run("metrics/wait_briefly")
                renew_batch(metric, size)
            size = min(2 * size, BATCH_DEPLOYMENTS)
            is_stale = one("metrics/is_stale", metric=metric, until=newest)
        except PermanentError as error:
            if size == 1:
                _quarantine(metric, error)
            size = max(size // 2, 1)
        if is_stale and time.monotonic() >= deadline:
            return False
    return True


def renew_batch(metric: str, size: int = BATCH_DEPLOYMENTS) -> bool:
    """Renew the rows of one batch, in a transaction that the caller opened.

    Returns: whether there may be another.
    """
    lock(metric)
    rows = run("metrics/take_stale", metric=metric, size=size)
    if rows:
        sources, ids = zip(*rows, strict=True)
        _make_rows(metric, list(sources), list(ids))
    return bool(rows)


def _make_rows(metric: str, sources: list[str], ids: list[str]) -> None:
    for statement in names(f"metrics/{metric}/apply"):
        run(statement, sources=sources, ids=ids)


def _quarantine(metric: str, error: PermanentError) -> None:
    """Set aside the deployment that has waited longest, which the metric cannot be computed of.

    Where others may be at fault the metric has a statement that finds out, and sets those aside.

    Raises:
        PermanentError: it is none of a deployment, for no rows can be made at all.
    """
    with transaction():
        run("metrics/wait_briefly")
        lock(metric)
        rows = run("metrics/take_stale", metric=metric, size=1)
        log.error("%s lacks something, set aside: %s", metric, error)
        for statement in names(f"metrics/{metric}/carefully"):
            sources, ids = [source for source, _ in rows], [event_id for _, event_id in rows]
            run(statement, sources=sources, ids=ids)
            return
        _make_rows(metric, [], [])
        for source, event_id in rows:
            reason = str(error)
            run("metrics/quarantine", metric=metric, source=source, id=event_id, reason=reason)


def lock(name: str) -> None:
    """Let nobody else write the timeline, or a metric's tables, until the transaction ends.

    It is a statement of its own, so that what the next one reads is newer than the lock.
    """
    lock_row("metrics/lock", name)


def lock_row(statement: str, name: str) -> None:
    """Take a lock by one of the two statements that do; again, if its row was made at that moment."""
    while not run(statement, locked=name):
        pass
