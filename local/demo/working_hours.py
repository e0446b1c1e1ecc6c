"""Weekdays from nine to five: when people open, review and merge."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

BEGIN, END = time(9, tzinfo=UTC), time(17, tzinfo=UTC)
SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Return whether people work on that day."""
    return day.weekday() < SATURDAY


def last_working_day(before: date) -> date:
    """Return the last day before another on which people worked."""
    day = before - timedelta(days=1)
    return day if is_working_day(day) else last_working_day(day)


def earlier(moment: datetime, hours: float) -> datetime:
    """Return the moment that is so many working hours before another one."""
    left = timedelta(hours=hours)
    while True:
        begin = datetime.combine(moment.date(), BEGIN)
        done = moment - begin if is_working_day(moment.date()) else timedelta()
        if left < done:
            return moment - left
        left -= max(done, timedelta())
        moment = datetime.combine(last_working_day(moment.date()), END)
