"""The form of filters: what a browser sends of it, and what is asked then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from werkzeug.datastructures import MultiDict

from dora.questions.question import TIERS
from dora.times import DATE

if TYPE_CHECKING:
    from dora.questions.question import Question

# Spans that a click asks for, by what they are called.
SPANS = {
    "P7D": "7 days",
    "P30D": "30 days",
    "P90D": "90 days",
    "P180D": "180 days",
    "P1Y": "1 year",
}
USUAL = "P90D"
ZONES = (
    "UTC",
    "Africa/Lagos",
    "America/Chicago",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
)
TIER_NAMES = TIERS


def cleaned(arguments: MultiDict[str, str]) -> MultiDict[str, str]:
    """Return what is asked without what a form leaves empty, or says that is so anyway.

    Its dates, `first` and `last`, become `from` and `to`: the day after the last one.
    """
    found = MultiDict((name, value) for name, value in arguments.items(multi=True) if value)
    first, last = found.pop("first", None), found.pop("last", None)
    if first:
        found["from"] = first
    if last:
        found["to"] = _shifted(last, 1)
    usual = {"from": USUAL, "timezone": "UTC", "tier": "production"}
    if "to" in found:
        del usual["from"]
    if "environment" in found:
        del usual["tier"]
    for name, value in usual.items():
        if found.getlist(name) == [value]:
            del found[name]
    return found


def dates(arguments: MultiDict[str, str]) -> tuple[str, str]:
    """Return the first and the last day that are asked for, where they are asked for as days."""
    first, end = arguments.get("from", ""), arguments.get("to", "")
    return first if DATE.fullmatch(first) else "", _shifted(end, -1) if DATE.fullmatch(end) else ""


def _shifted(day: str, days: int) -> str:
    try:
        return str(date.fromisoformat(day) + timedelta(days=days))
    except (ValueError, OverflowError):
        return day


def chosen_span(arguments: MultiDict[str, str]) -> str | None:
    """Return which of the usual spans is asked for; None where it is another one."""
    span = arguments.get("from", USUAL)
    return span if span in SPANS and "to" not in arguments else None


def title(question: Question) -> str:
    """Return what a question is about, as the title of its page."""
    for name in ("service", "team", "repository", "environment"):
        if names := question.filters.get(name):
            return ", ".join(names)
    return "All services"
