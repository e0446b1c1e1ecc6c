"""The parameters of a question: which there are, and what is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from dora.errors import PermanentError
from dora.questions.buckets import Span
from dora.questions.shapes import NAME
from dora.times import DURATIONS, TIMES, before, read_time, require_span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

    from dora.questions.shapes import Schema

DEFAULT_SPAN = timedelta(days=90)
# However long a span is, the span before it is within the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2999
NO_START = f"expected from to be {TIMES}, or {DURATIONS}"
NO_ZONE = "expected timezone to be a name of IANA, such as Europe/Berlin"
TIERS = ("production", "staging", "testing", "development")


class Parameter(NamedTuple):
    """A parameter: what it means, a value's JSON Schema, whether it may be repeated or must be given."""

    says: str
    schema: Schema = NAME
    may_repeat: bool = False
    is_required: bool = False


Parameters = dict[str, Parameter]
TIME: Schema = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
START: Schema = {"type": "string", "anyOf": [*TIME["anyOf"], {"format": "duration"}]}


def _choice(says: str, *values: str) -> Parameter:
    return Parameter(says.format(", ".join(values)), {"type": "string", "enum": list(values)})


FROM = f"only what happened at this time or later: {TIMES}, or {DURATIONS}"
TO = f"only what happened before this time: {TIMES}"
FORMAT: Parameters = {"format": _choice("{}; `Accept: text/csv` does the same", "json", "csv")}
# Of the answers that are the tutorial's.
TUTORIAL: Parameters = {
    "from": Parameter(FROM, START),
    "to": Parameter(TO, TIME),
    "service": Parameter("only this service"),
    "environment": Parameter("only this environment"),
} | FORMAT
SPAN: Parameters = {
    "from": Parameter(f"{FROM}; 90 days before `to` where it is not given", START),
    "to": Parameter(f"{TO}; the end of this minute where it is not given", TIME),
    "timezone": Parameter(
        "the time zone of dates, days and buckets, by its name at IANA, such as Europe/Berlin; UTC "
        "where it is not given"
    ),
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
BUCKETS = ("day", "week", "month", "quarter", "year", "all")
BUCKET = _choice("size of the buckets: {}; week where it is not given", *BUCKETS)
BOTS: Parameters = {
    "bots": _choice("{}: changes by bots are counted beside the others, not among them", "apart")
}
SUMMARY: Parameters = SPAN | REPEATED | BOTS | FORMAT
METRIC: Parameters = (
    SPAN
    | {"bucket": BUCKET}
    | REPEATED
    | {
        "group_by": _choice("one group for each: {}", "service", "environment", "team"),
        "compare": _choice("{}: beside it the same of the span before, of its length", "previous"),
    }
    | BOTS
    | FORMAT
)
# A badge is one value.
BADGE: Parameters = {
    name: parameter
    for name, parameter in METRIC.items()
    if name not in ("bucket", "group_by", "compare", "bots", "format")
}
PAGES: Parameters = {
    "limit": Parameter(
        "how many rows a page has, from 1 to 1000; where it is not given, 100 in JSON and all in CSV",
        {"type": "integer", "minimum": 1, "maximum": 1000},
    ),
    "cursor": Parameter("`next` of the page before", {"type": "string"}),
}
SERVICES_LIMIT = Parameter(
    "how many services a page has, from 1 to 100; 10 where it is not given",
    {"type": "integer", "minimum": 1, "maximum": 100},
)
OVERVIEW: Parameters = (
    SPAN
    | {
        "bucket": _choice(
            "size of the buckets: {}; one of which there are few where it is not given", *BUCKETS
        )
    }
    | REPEATED
    | BOTS
    | {"limit": SERVICES_LIMIT, "cursor": PAGES["cursor"]}
    | FORMAT
)
LIST: Parameters = (
    SPAN
    | REPEATED
    | {"deployment": Parameter("only of this deployment, by its id")}
    | PAGES
    | FORMAT
)
DEPLOYMENTS: Parameters = LIST | {
    "only": _choice(
        "only those that are so, of which a number is made: {}",
        *("counted", "forward", "rollbacks", "failed", "recovered", "open", "rework", "unlinked"),
    )
}
INCIDENTS: Parameters = LIST | {
    "only": _choice("only those that are so: {}", "counted", "open", "unattributed")
}
ONE: Parameters = {
    "source": Parameter("its source, as a list has it", is_required=True),
    "id": Parameter("its id, as a list has it", is_required=True),
    "timezone": SPAN["timezone"],
    "format": _choice("{}", "json"),
}
# Of lists of what arrived, whatever it is about.
ARRIVED: Parameters = SPAN | PAGES | FORMAT
# Of what is wrong with what the numbers are made of.
QUALITY: Parameters = (
    SPAN | {name: REPEATED[name] for name in ("service", "team", "repository")} | FORMAT
)
# Of lists of what is known, whenever.
NAMED: Parameters = (
    {name: REPEATED[name] for name in ("service", "team", "repository")} | PAGES | FORMAT
)
PLACED: Parameters = (
    {
        "environment": Parameter("only this environment; may be repeated", NAME, may_repeat=True),
        "tier": Parameter(
            f"only environments of this tier: {', '.join(TIERS)}; may be repeated",
            {"enum": list(TIERS)},
            may_repeat=True,
        ),
    }
    | PAGES
    | FORMAT
)


@dataclass(frozen=True)
class Question:
    """What is asked: a span of time in UTC, and filters; None means all."""

    span: Span
    asked_at: datetime
    zone: tzinfo = UTC
    bucket: str = "week"
    filters: dict[str, list[str]] = field(default_factory=dict)
    group_by: str | None = None
    compare: str | None = None
    bots: str | None = None
    format: str = "json"
    limit: int | None = None
    cursor: str | None = None
    deployment: str | None = None
    only: str | None = None
    source: str | None = None
    id: str | None = None

    def previous(self) -> Self:
        """Return the same question about the span before, of the same length."""
        start, end = self.span
        return replace(self, span=Span(start - (end - start), start))


def read_question(arguments: MultiDict[str, str], allowed: Mapping[str, Parameter]) -> Question:
    """Read a question about the last 90 days, or the time that it says.

    Raises:
        PermanentError: a parameter is unknown, given too often, or its value is not allowed.
    """
    given, asked_at = _given(arguments, allowed), _this_minute()
    zone = _zone(given.pop("timezone")) if "timezone" in given else UTC
    start, end = _times(given, zone, asked_at)
    _require_our_time("from", start)
    _require_our_time("to", end)
    end = end or asked_at
    return _question(Span(start or end - DEFAULT_SPAN, end), asked_at, zone, given)


def read_question_of_all_time(
    arguments: MultiDict[str, str], allowed: Mapping[str, Parameter]
) -> Question:
    """Read a question about all time, or the time that it says.

    Raises:
        PermanentError: a parameter is unknown, given too often, or its value is not allowed.
    """
    given, asked_at = _given(arguments, allowed), _this_minute()
    start, end = _times(given, UTC, asked_at)
    ever = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    return _question(Span(start or ever[0], end or ever[1]), asked_at, UTC, given)


def _this_minute() -> datetime:
    """Return the end of the minute that is now: one question has one answer until then."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)


def _times(
    given: dict[str, Any], zone: tzinfo, asked_at: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return the times that were given; `from` may be a duration back from `to`."""
    start: str | None = given.pop("from", None)
    end = read_time("to", given.pop("to", None), zone)
    if start and start.startswith("P"):
        begun = before(end or asked_at, start, zone)
        if begun is None:
            raise PermanentError(f"{NO_START}, got {start!r:.80}")
        return begun, end
    return read_time("from", start, zone), end


def _question(span: Span, asked_at: datetime, zone: tzinfo, given: dict[str, Any]) -> Question:
    require_span(*span)
    filters = {name: given.pop(name) for name in REPEATED if name in given}
    return Question(span, asked_at, zone, filters=filters, **given)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise PermanentError(f"{NO_ZONE}, got {name!r:.80}") from error


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
    if missing := [
        name for name, each in allowed.items() if each.is_required and name not in given
    ]:
        raise PermanentError(f"expected {' and '.join(missing)} too, got none")
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


def _require_our_time(name: str, moment: datetime | None) -> None:
    if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise PermanentError(
            f"expected {name} to be in the years {FIRST_YEAR} to {LAST_YEAR}, got {moment.year}"
        )
