"""The buckets of a span of time: days, weeks from Monday, months, quarters or years of a time zone.

They are computed here alone; statements are given when each begins.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.errors import PermanentError
from dora.times import midnight

if TYPE_CHECKING:
    from collections.abc import Sequence

# A page that nobody reads costs the database as much as one that somebody does.
MAX_BUCKETS = 1100
# Each takes about a kilobyte until it is sent, and four questions are answered at once.
MAX_VALUES, MAX_SERVICES, MAX_ROWS = 50_000, 2_000, 50_000
DAYS = {"day": 1, "week": 7, "month": 28, "quarter": 90, "year": 365}
MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Span(NamedTuple):
    """A span of time: its start is in it, its end is not."""

    start: datetime
    end: datetime

    @property
    def days(self) -> float:
        """Its length in days of 86400 seconds; 0 where it ends before it starts."""
        return max(0.0, (self.end - self.start) / timedelta(days=1))

    def within(self, other: Span) -> Span:
        """Return the part of it that is in the other; it has no days where there is none."""
        return Span(max(self.start, other.start), min(self.end, other.end))


def buckets(span: Span, bucket: str, zone: tzinfo) -> list[Span]:
    """Return the buckets of a span in UTC; the first and the last may be larger than it.

    Raises:
        PermanentError: there are more than MAX_BUCKETS.
    """
    if bucket == "all":
        return [span]
    _require_few(span.days / DAYS[bucket])
    found = []
    day = _first(span.start.astimezone(zone).date(), bucket)
    while (start := midnight(day, zone)) < span.end:
        day = _next(day, bucket)
        found.append(Span(start, midnight(day, zone)))
    return found


def require_few_values(groups: int, count: int) -> None:
    """Check that an answer is one that fits in memory.

    Raises:
        PermanentError: there are more than MAX_VALUES of groups times buckets.
    """
    if groups * count > MAX_VALUES:
        raise PermanentError(
            f"expected at most {MAX_VALUES} values, got {groups} groups in {count} buckets; "
            "ask for fewer services, a shorter span or larger buckets"
        )


def require_few_services(count: int) -> None:
    """Check that there are not too many services for one answer about all metrics.

    Raises:
        PermanentError: there are more than MAX_SERVICES.
    """
    if count > MAX_SERVICES:
        raise PermanentError(
            f"expected at most {MAX_SERVICES} services, got {count}; ask for some of them or for "
            "teams, or for /overview, which has pages"
        )


def require_few_rows(count: int) -> None:
    """Check that an answer without pages is one that fits in memory.

    Raises:
        PermanentError: it has more than MAX_ROWS.
    """
    if count > MAX_ROWS:
        raise PermanentError(
            f"expected at most {MAX_ROWS} rows, got more; ask for some services or a shorter span"
        )


def fitting(span: Span, most: int) -> str:
    """Return the smallest bucket of which a span has about so many at most."""
    return next((name for name, days in DAYS.items() if span.days <= days * most), "year")


def highest(answered: Sequence[dict[str, Any]]) -> float | None:
    """Return the highest value of a group's buckets, by which bars are drawn; None where none is known.

    Of buckets that are there in part it is only where there is no whole one: half a Wednesday is no
    week, and would make all weeks look small.
    """
    known = [bucket for bucket in answered if bucket["value"] is not None]
    whole = [bucket for bucket in known if not bucket["partial"]]
    return max((bucket["value"] for bucket in whole or known), default=None)


def _require_few(count: float) -> None:
    if count > MAX_BUCKETS:
        raise PermanentError(
            f"expected a span of at most {MAX_BUCKETS} buckets, got one of {count:.0f}; "
            "ask for a shorter span or larger buckets"
        )


def _first(day: date, bucket: str) -> date:
    """Return the first day of the bucket that a day is in."""
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    if bucket in MONTHS:
        return day.replace(month=day.month - (day.month - 1) % MONTHS[bucket], day=1)
    return day


def _next(day: date, bucket: str) -> date:
    """Return the first day of the bucket after the one that begins on a day."""
    if bucket not in MONTHS:
        return day + timedelta(days=DAYS[bucket])
    # No month has more than 31 days.
    return (day + timedelta(days=31 * MONTHS[bucket])).replace(day=1)
