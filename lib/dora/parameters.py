"""The parameters of a query: which there are, and what is refused."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from dora.errors import PermanentError
from dora.events import is_date_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

TIMES = "a date, such as 2026-01-31, or a date-time of RFC 3339, such as 2026-01-31T12:00:00Z"
FILTERS = {
    "from": f"only what happened at this time or later; {TIMES}",
    "to": f"only what happened before this time; {TIMES}",
    "service": "only this service",
    "environment": "only this environment",
}


def read_parameters(
    arguments: MultiDict[str, str], allowed: Mapping[str, str]
) -> dict[str, str | None]:
    """Give the value of each allowed parameter, None where it was not given; times in RFC 3339.

    Raises:
        PermanentError: a parameter is unknown, given twice, or its value is not allowed.
    """
    for name, given in arguments.lists():
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            raise PermanentError(f"{name!r:.80} is no parameter here; there is {known}")
        if len(given) > 1:
            raise PermanentError(f"expected {name} once, got it {len(given)} times")
    values = {name: arguments.get(name) for name in allowed}
    for name in allowed.keys() & {"from", "to"}:
        values[name] = _time(name, values[name])
    _require_span(values.get("from"), values.get("to"))
    for name in allowed.keys() - {"from", "to"}:
        _require_text(name, values[name])
    return values


def _time(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    # In a query, a plus sign that nobody encoded arrives as a space.
    text = value.replace(" ", "+")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        text += "T00:00:00Z"
    try:
        if is_date_time(text) and _moment(text):
            return text
    except ValueError:
        pass  # it has the form of a time, but there is no such day or hour
    raise PermanentError(f"expected {name} to be {TIMES}, got {value!r:.80}")


def _require_span(start: str | None, end: str | None) -> None:
    if start and end and _moment(start) >= _moment(end):
        raise PermanentError(f"expected from to be before to, got from {start} and to {end}")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.upper())


def _require_text(name: str, value: str | None) -> None:
    if value is not None and (not value or "\0" in value):
        raise PermanentError(f"expected {name} to be a name, got {value!r:.80}")
