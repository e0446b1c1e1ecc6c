"""Numbers in words that people read: 7800 seconds are 2 h 10 min."""

from __future__ import annotations

import itertools

UNKNOWN = "–"  # noqa: RUF001 - a dash is what it is
UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
# Of a rate below one a day, the first of these in which it is at least one; else the last.
SPANS = (("day", 1.0), ("week", 7.0), ("month", 365.25 / 12), ("year", 365.25))


def value_in_words(value: float | None, unit: str) -> str:
    """Return the value of a metric in words, of the unit that an answer names."""
    if value is None:
        return UNKNOWN
    if unit == "seconds":
        return duration_in_words(value)
    if unit == "ratio":
        return f"{100 * value:.3g} %"
    return _rate(value)


def duration_in_words(seconds: float) -> str:
    """Return a duration by its two largest units, rounded to the smaller: `2 h 10 min`."""
    for (name, size), (smaller, part) in itertools.pairwise(UNITS):
        parts = round(seconds / part)
        if parts * part >= size:
            whole, rest = divmod(parts, size // part)
            return f"{whole} {name}" + (f" {rest} {smaller}" if rest else "")
    return f"{round(seconds)} s"


def _rate(per_day: float) -> str:
    for name, days in SPANS:
        if per_day * days >= 1:
            return f"{per_day * days:.3g} a {name}"
    return f"{per_day * days:.3g} a {name}"
