"""Badges for READMEs and wikis: a metric's value as a picture, or as what shields.io makes one of.

`/badge/{metric}.svg` and `/badge/{metric}.json` (https://shields.io/badges/endpoint-badge), each
with the filters of a question about the metric.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from dora.errors import NotFoundError
from dora.pages.words import value_in_words
from dora.questions.answers import metric_answer
from dora.questions.metrics import METRICS
from dora.questions.question import BADGE, read_question

if TYPE_CHECKING:
    from werkzeug import Request

    from dora.function import Answer

PATH = re.compile(r"/badge/(?P<metric>[a-z-]+)\.(?P<form>svg|json)")
KEPT = {"cache-control": "public, max-age=300"}
# It is looked at inside other pages, and runs nothing there.
SVG = {
    "content-type": "image/svg+xml; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    **KEPT,
}
# By level, light enough for black text; what has no level but a value; what is not known.
COLOURS = {"elite": "#5cd6a0", "high": "#a4dd6c", "medium": "#f2d15c", "low": "#f5a177"}
NO_LEVEL, UNKNOWN = "#9cc9f2", "#c8ccd0"
CHARACTER_PIXELS, PADDING_PIXELS, MOST_CHARACTERS = 7, 12, 40


class Badge(NamedTuple):
    """What a badge says: whose metric, its value in words, its colour, and why."""

    label: str
    message: str
    colour: str
    title: str


def badge(request: Request) -> Answer | None:
    """Return the badge that is asked for; None where the path is none of a badge.

    Raises:
        NotFoundError: there is no such metric.
        PermanentError: a parameter is unknown, given too often, or its value is not allowed.
        TemporaryError: the database is away.
    """
    if not request.path.startswith("/badge/"):
        return None
    asked = PATH.fullmatch(request.path)
    if not asked or asked["metric"] not in METRICS:
        paths = ", ".join(f"/badge/{metric}.svg" for metric in METRICS)
        raise NotFoundError(f"expected one of {paths}, or .json, got {request.path!r:.80}")
    shown = _badge(asked["metric"], request)
    if asked["form"] == "svg":
        return _svg(shown), 200, SVG
    return json.dumps(_shield(shown)), 200, {"content-type": "application/json", **KEPT}


def _badge(metric: str, request: Request) -> Badge:
    question = read_question(request.args, BADGE)
    answer = metric_answer(metric, replace(question, bucket="all", group_by=None))
    [group] = answer["groups"]
    names = [name for values in question.filters.values() for name in values]
    value = value_in_words(answer["unit"], group["value"])
    message = "unknown" if group["value"] is None else value
    level = group["level"]
    because = level or group["reason"] or "there are no levels of this metric"
    label = " ".join([metric.replace("-", " "), *([f"of {', '.join(names)}"] if names else [])])
    title = f"{label}: {message} ({because}), {_days(question.span.days)}"
    no_level = UNKNOWN if group["value"] is None else NO_LEVEL
    return Badge(_line(label), message, COLOURS.get(level, no_level), _printable(title))


def _days(days: float) -> str:
    return f"of {days:.0f} days" if days >= 1 else "of less than a day"


def _printable(text: str) -> str:
    """Return what anybody may have named in one line, without what changes how others are read."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:1000]


def _line(text: str) -> str:
    line = _printable(text)
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"


def _shield(shown: Badge) -> dict[str, Any]:
    return {
        "schemaVersion": 1,
        "label": shown.label,
        "message": shown.message,
        "color": shown.colour,
        "cacheSeconds": 300,
    }


def _svg(shown: Badge) -> str:
    left, right = (
        CHARACTER_PIXELS * len(text) + PADDING_PIXELS for text in (shown.label, shown.message)
    )
    label, message, title = map(escape, (shown.label, shown.message, shown.title))
    name = title.replace('"', "&quot;")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" \
role="img" aria-label="{name}">
<title>{title}</title>
<rect width="{left}" height="20" fill="#40464d"/>
<rect x="{left}" width="{right}" height="20" fill="{shown.colour}"/>
<g font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" text-anchor="middle">
<text x="{left / 2}" y="14" fill="#fff" textLength="{left - PADDING_PIXELS}">{label}</text>
<text x="{left + right / 2}" y="14" textLength="{right - PADDING_PIXELS}">{message}</text>
</g>
</svg>
"""
