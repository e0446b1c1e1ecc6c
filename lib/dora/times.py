"""Times as text: what is a date-time of RFC 3339, how one is read, and how one is written.

https://www.rfc-editor.org/rfc/rfc3339#section-5.6
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from dora.errors import PermanentError

TIMES = "a date, such as 2026-01-31, or a date-time of RFC 3339, such as 2026-01-31T12:00:00Z"
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
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


def rfc3339(moment: datetime) -> str:
    """Return a moment as a date-time of RFC 3339 in UTC, which ends with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time(name: str, value: str | None) -> datetime | None:
    """Return the moment in UTC that a date or date-time means, of a date its midnight.

    Args:
        name: of the parameter, for the error.
        value: None is None.

    Raises:
        PermanentError: it is neither.
    """
    if value is None:
        return None
    # In a query, a plus sign that nobody encoded arrives as a space.
    text = value.replace(" ", "+")
    if DATE.fullmatch(text):
        text += "T00:00:00Z"
    try:
        if is_date_time(text):
            # PostgreSQL does not know every offset that RFC 3339 allows.
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # it has the form of a time, but there is no such day or hour
    raise PermanentError(f"expected {name} to be {TIMES}, got {value!r:.80}")


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
