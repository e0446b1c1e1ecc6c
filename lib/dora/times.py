"""Times as text: what is a date-time of RFC 3339, how one is read, and how one is written.

https://www.rfc-editor.org/rfc/rfc3339#section-5.6
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from dora.errors import PermanentError

TIMES = "a date, such as 2026-01-31, or a date-time of RFC 3339, such as 2026-01-31T12:00:00Z"
DURATIONS = "a duration of ISO 8601 back from `to`, such as P30D"
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)

# https://en.wikipedia.org/wiki/ISO_8601#Durations, without fractions
DURATION = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?",
    re.ASCII,
)


def is_date_time(text: Any) -> bool:
    """Return whether this is a date-time of RFC 3339, of which PostgreSQL takes more than that."""
    return isinstance(text, str) and DATE_TIME.fullmatch(text) is not None


def instant(text: str) -> datetime | str:
    """Return a date-time as a comparable instant, or as it came where Python knows no such time."""
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return text


def seconds_between(first: str, second: str) -> float:
    """Return how long after a date-time another one is; both have to be right."""
    passed = datetime.fromisoformat(second) - datetime.fromisoformat(first)
    return passed.total_seconds()


def rfc3339(moment: datetime) -> str:
    """Return a moment as a date-time of RFC 3339 in UTC, which ends with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day of a time zone begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def read_time(name: str, value: str | None, zone: tzinfo = UTC) -> datetime | None:
    """Return the moment in UTC that a date or date-time means, of a date its midnight in the zone.

    Args:
        name: of the parameter, for the error.
        value: None is None.
        zone: of dates.

    Raises:
        PermanentError: it is neither.
    """
    if value is None:
        return None
    # In a query, a plus sign that nobody encoded arrives as a space.
    text = value.replace(" ", "+")
    try:
        if DATE.fullmatch(text):
            return midnight(date.fromisoformat(text), zone)
        if is_date_time(text):
            # PostgreSQL does not know every offset that RFC 3339 allows.
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # it has the form of a time, but there is no such day or hour
    raise PermanentError(f"expected {name} to be {TIMES}, got {value!r:.80}")


def before(moment: datetime, duration: str, zone: tzinfo) -> datetime | None:
    """Return the moment in UTC that is this long before: years to days by the zone's calendar.

    Of a month without such a day, its last day is meant. None where this is no duration of ISO 8601,
    or so long that there is no such moment.
    """
    match = DURATION.fullmatch(duration)
    if not match:
        return None
    years, months, weeks, days, *clock = (int(part or 0) for part in match.groups())
    hours, minutes, seconds = clock
    local = moment.astimezone(zone)
    try:
        day = _months_before(local.date(), 12 * years + months) - timedelta(days=7 * weeks + days)
        begun = datetime.combine(day, local.time(), zone).astimezone(UTC)
        return begun - timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _months_before(day: date, months: int) -> date:
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=day.day - 1), last)


def require_span(start: datetime | None, end: datetime | None) -> None:
    """Check that the start is before the end, where both are known.

    Raises:
        PermanentError: it is not.
    """
    if start and end and start >= end:
        raise PermanentError(
            f"expected from to be before to, got from {rfc3339(start)} and to {rfc3339(end)}"
        )


def read_span(start: str | None, end: str | None) -> dict[str, str | None]:
    """Return `from` and `to` as date-times in UTC, None where not given.

    Raises:
        PermanentError: one is no date or date-time, or they are the wrong way round.
    """
    moments = {"from": read_time("from", start), "to": read_time("to", end)}
    require_span(moments["from"], moments["to"])
    return {name: moment.isoformat() if moment else None for name, moment in moments.items()}
