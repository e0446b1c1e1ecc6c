"""The parameters of a question: which there are, and what is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from dora.errors import PermanentError
from dora.times import TIMES, read_span, read_time, require_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

FILTERS = {
    "from": f"only what happened at this time or later; {TIMES}",
    "to": f"only what happened before this time; {TIMES}",
    "service": "only this service",
    "environment": "only this environment",
}
DEFAULT_SPAN = timedelta(days=90)
# However long a span is, the span before it is within the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2999
TIERS = ("production", "staging", "testing", "development")
CHOICES = {
    "bucket": ("day", "week", "month", "year", "all"),
    "group_by": ("service", "environment", "team"),
    "compare": ("previous",),
    "format": ("json", "csv"),
}
REPEATABLE = ("service", "environment", "tier", "repository", "team")
QUESTION = {
    "from": f"{FILTERS['from']}; 90 days before `to` where it is not given",
    "to": f"{FILTERS['to']}; now where it is not given",
    "bucket": f"size of the buckets: {', '.join(CHOICES['bucket'])}; week where it is not given",
    "service": "only this service; may be repeated",
    "environment": "only this environment, whatever its tier; may be repeated",
    "tier": f"only environments of this tier: {', '.join(TIERS)}; production; may be repeated",
    "repository": "only services that come from this repository; may be repeated",
    "team": "only services of this team; may be repeated",
    "group_by": f"one group for each: {', '.join(CHOICES['group_by'])}",
    "compare": "previous: tell the same of the span before, of the same length",
    "format": "json or csv; `Accept: text/csv` does the same",
}


@dataclass(frozen=True)
class Question:
    """What is asked: a span of time in UTC, and filters; None means all."""

    start: datetime
    end: datetime
    bucket: str = "week"
    filters: dict[str, list[str]] = field(default_factory=dict)
    group_by: str | None = None
    compare: str | None = None
    format: str = "json"
    limit: int = 100
    cursor: str | None = None
    deployment: str | None = None

    @property
    def days(self) -> float:
        """Length of the span in days."""
        return (self.end - self.start) / timedelta(days=1)

    def previous(self) -> Self:
        """Ask the same of the span before."""
        return replace(self, start=self.start - (self.end - self.start), end=self.start)


def read_question(arguments: MultiDict[str, str], allowed: Mapping[str, str]) -> Question:
    """Read a question.

    Raises:
        PermanentError: a parameter is unknown, given too often, or its value is not allowed.
    """
    _require_known(arguments, allowed, REPEATABLE)
    end = _our_time("to", arguments.get("to")) or datetime.now(UTC)
    start = _our_time("from", arguments.get("from")) or end - DEFAULT_SPAN
    filters = {name: arguments.getlist(name) for name in REPEATABLE if name in arguments}
    for name in (*REPEATABLE, "deployment"):
        for value in arguments.getlist(name):
            _require_text(name, value)
    _require_choices("tier", filters.get("tier", []), TIERS)
    chosen = {name: arguments[name] for name in CHOICES if name in arguments}
    for name, value in chosen.items():
        _require_choices(name, [value], CHOICES[name])
    question = Question(
        start,
        end,
        filters=filters,
        limit=_limit(arguments.get("limit", "100")),
        cursor=arguments.get("cursor"),
        deployment=arguments.get("deployment"),
        **chosen,
    )
    require_span(start, end)
    return question


def read_parameters(
    arguments: MultiDict[str, str], allowed: Mapping[str, str]
) -> dict[str, str | None]:
    """Give the value of each allowed parameter, None where it was not given; times in UTC.

    Raises:
        PermanentError: a parameter is unknown, given twice, or its value is not allowed.
    """
    _require_known(arguments, allowed, ())
    values = {name: arguments.get(name) for name in allowed}
    span = read_span(values.get("from"), values.get("to"))
    for name in allowed.keys() - {"from", "to"}:
        _require_text(name, values[name])
    return values | {name: moment for name, moment in span.items() if moment}


def _require_known(
    arguments: MultiDict[str, str], allowed: Mapping[str, str], repeatable: tuple[str, ...]
) -> None:
    for name, given in arguments.lists():
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            raise PermanentError(f"{name!r:.80} is no parameter here; there is {known}")
        if len(given) > 1 and name not in repeatable:
            raise PermanentError(f"expected {name} once, got it {len(given)} times")


def _our_time(name: str, value: str | None) -> datetime | None:
    moment = read_time(name, value)
    if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise PermanentError(
            f"expected {name} to be in the years {FIRST_YEAR} to {LAST_YEAR}, got {moment.year}"
        )
    return moment


def _require_choices(name: str, values: list[str], choices: tuple[str, ...]) -> None:
    for value in values:
        if value not in choices:
            raise PermanentError(
                f"expected {name} to be one of {', '.join(choices)}, got {value!r:.80}"
            )


def _limit(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not 1 <= int(text) <= 1000:  # noqa: PLR2004
        raise PermanentError(f"expected limit to be a number from 1 to 1000, got {text!r:.80}")
    return int(text)


def _require_text(name: str, value: str | None) -> None:
    if value is not None and (not value or "\0" in value):
        raise PermanentError(f"expected {name} to be a name, got {value!r:.80}")
