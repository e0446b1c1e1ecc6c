"""The parameters of a question: which there are, and what is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from dora.errors import PermanentError
from dora.questions.shapes import NAME
from dora.times import TIMES, read_time, require_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from dora.questions.shapes import Schema

DEFAULT_SPAN = timedelta(days=90)
# However long a span is, the span before it is within the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2999
TIERS = ("production", "staging", "testing", "development")


class Parameter(NamedTuple):
    """A parameter: what it means, the JSON Schema of a value, and whether it may be repeated."""

    says: str
    schema: Schema = NAME
    may_repeat: bool = False


Parameters = dict[str, Parameter]
TIME: Schema = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}


def _choice(says: str, *values: str) -> Parameter:
    return Parameter(says.format(", ".join(values)), {"type": "string", "enum": list(values)})


FROM = f"only what happened at this time or later; {TIMES}"
TO = f"only what happened before this time; {TIMES}"
# Of the answers that are the tutorial's.
FILTERS: Parameters = {
    "from": Parameter(FROM, TIME),
    "to": Parameter(TO, TIME),
    "service": Parameter("only this service"),
    "environment": Parameter("only this environment"),
}
SPAN: Parameters = {
    "from": Parameter(f"{FROM}; 90 days before `to` where it is not given", TIME),
    "to": Parameter(f"{TO}; now where it is not given", TIME),
}
REPEATED: Parameters = {
    "service": Parameter("only this service; may be repeated", NAME, may_repeat=True),
    "environment": Parameter(
        "only this environment, whatever its tier; may be repeated", NAME, may_repeat=True
    ),
    "tier": Parameter(
        f"only environments of this tier: {', '.join(TIERS)}; production; may be repeated",
        {"enum": list(TIERS)},
        may_repeat=True,
    ),
    "repository": Parameter(
        "only services that come from this repository; may be repeated", NAME, may_repeat=True
    ),
    "team": Parameter("only services of this team; may be repeated", NAME, may_repeat=True),
}
FORMAT = {"format": _choice("{}; `Accept: text/csv` does the same", "json", "csv")}
BUCKET = _choice(
    "size of the buckets: {}; week where it is not given", "day", "week", "month", "year", "all"
)
SUMMARY: Parameters = SPAN | REPEATED | FORMAT
METRIC: Parameters = (
    SPAN
    | {"bucket": BUCKET}
    | REPEATED
    | {
        "group_by": _choice("one group for each: {}", "service", "environment", "team"),
        "compare": _choice("{}: tell the same of the span before, of the same length", "previous"),
    }
    | FORMAT
)
LIST: Parameters = (
    SPAN
    | REPEATED
    | FORMAT
    | {
        "deployment": Parameter("only of this deployment, by its id"),
        "limit": Parameter(
            "how many rows a page has, from 1 to 1000; 100 where it is not given",
            {"type": "integer", "minimum": 1, "maximum": 1000},
        ),
        "cursor": Parameter("`next` of the page before", {"type": "string"}),
    }
)


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
        """Return the same question about the span before."""
        return replace(self, start=self.start - (self.end - self.start), end=self.start)


def read_question(arguments: MultiDict[str, str], allowed: Mapping[str, Parameter]) -> Question:
    """Read a question about the last 90 days, or the time that it says.

    Raises:
        PermanentError: a parameter is unknown, given too often, or its value is not allowed.
    """
    given = _given(arguments, allowed)
    end = _our_time("to", given.pop("to", None)) or datetime.now(UTC)
    start = _our_time("from", given.pop("from", None)) or end - DEFAULT_SPAN
    require_span(start, end)
    return _question(start, end, given)


def read_question_of_all_time(
    arguments: MultiDict[str, str], allowed: Mapping[str, Parameter]
) -> Question:
    """Read a question about all time, or the time that it says.

    Raises:
        PermanentError: a parameter is unknown, given too often, or its value is not allowed.
    """
    given = _given(arguments, allowed)
    start = read_time("from", given.pop("from", None)) or datetime.min.replace(tzinfo=UTC)
    end = read_time("to", given.pop("to", None)) or datetime.max.replace(tzinfo=UTC)
    require_span(start, end)
    return _question(start, end, given)


def _question(start: datetime, end: datetime, given: dict[str, Any]) -> Question:
    filters = {name: given.pop(name) for name in REPEATED if name in given}
    return Question(start, end, filters=filters, **given)


def _given(arguments: MultiDict[str, str], allowed: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return what was given: a list where a parameter may be repeated or is a filter."""
    given: dict[str, Any] = {}
    for name, values in arguments.lists():
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            raise PermanentError(f"{name!r:.80} is no parameter here; there is {known}")
        parameter = allowed[name]
        if len(values) > 1 and not parameter.may_repeat:
            raise PermanentError(f"expected {name} once, got it {len(values)} times")
        read = [_value(name, value, parameter.schema) for value in values]
        given[name] = read if name in REPEATED else read[0]
    return given


def _value(name: str, value: str, schema: Schema) -> Any:
    choices = schema.get("enum", [value])
    if value not in choices:
        raise PermanentError(
            f"expected {name} to be one of {', '.join(choices)}, got {value!r:.80}"
        )
    if schema == NAME and (not value or "\0" in value):
        raise PermanentError(f"expected {name} to be a name, got {value!r:.80}")
    return _number(name, value, schema) if schema.get("type") == "integer" else value


def _number(name: str, text: str, schema: Schema) -> int:
    least, most = schema["minimum"], schema["maximum"]
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not least <= int(text) <= most:
        raise PermanentError(
            f"expected {name} to be a number from {least} to {most}, got {text!r:.80}"
        )
    return int(text)


def _our_time(name: str, value: str | None) -> datetime | None:
    moment = read_time(name, value)
    if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise PermanentError(
            f"expected {name} to be in the years {FIRST_YEAR} to {LAST_YEAR}, got {moment.year}"
        )
    return moment
