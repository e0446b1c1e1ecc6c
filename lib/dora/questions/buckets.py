"""The buckets of a span of time: days, weeks from Monday, months or years, in UTC.

They are computed here alone; statements are given when each begins.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dora.errors import PermanentError

if TYPE_CHECKING:
    from dora.questions.question import Question

# A page that nobody reads costs the database as much as one that somebody does.
MAX_BUCKETS = 1100


def bucket_starts(question: Question) -> list[datetime]:
    """Return when each bucket of the span begins, in UTC; the first may begin before the span.

    Raises:
        PermanentError: there are more than MAX_BUCKETS.
    """
    if question.bucket == "all":
        return [question.start]
    _require_few(question)
    starts = [_truncate(question.start.astimezone(UTC), question.bucket)]
    while (start := _next(starts[-1], question.bucket)) < question.end:
        starts.append(start)
    return starts


def _require_few(question: Question) -> None:
    count = question.days / {"day": 1, "week": 7, "month": 28, "year": 365}[question.bucket]
    if count > MAX_BUCKETS:
        raise PermanentError(
            f"expected a span of at most {MAX_BUCKETS} buckets, got one of {count:.0f}; "
            "ask for a shorter span or larger buckets"
        )


def _truncate(moment: datetime, bucket: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    if bucket == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if bucket == "year" else day


def _next(start: datetime, bucket: str) -> datetime:
    if bucket in ("day", "week"):
        return start + timedelta(days=1 if bucket == "day" else 7)
    # The 1st of a month and 32 days is in the next month; of a year and 366 days, in the next year.
    return _truncate(start + timedelta(days=32 if bucket == "month" else 366), bucket)
