"""Whether the numbers can be trusted: what came, what became of it, what is missing, and what mends it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dora.database import one, run_named, snapshot
from dora.questions.facts import Facts
from dora.questions.lists import SOURCE
from dora.questions.metrics import METRICS
from dora.questions.problems import ERROR, KINDS, PROBLEM, Row, problem
from dora.questions.selection import Selection
from dora.questions.shapes import (
    AMOUNT,
    COUNT,
    FILTERS,
    SPAN,
    TEXT,
    TIME,
    list_of,
    one_of_each,
)
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.as_csv import Table
    from dora.questions.question import Question

# So many rows of a kind are shown; how many there are is said beside.
MOST_ROWS, MOST_SOURCES = 20, 100
# A tick comes every minute.
BEHIND_SECONDS = 300
REASON_CHARACTERS = 80

LETTERS = one_of_each(
    destination=TEXT,
    reason=TEXT,
    last_at=TIME,
    example=one_of_each(source=TEXT, id=TEXT, type=TEXT),
    count=COUNT,
    redrive=TEXT,
)
SIZE = one_of_each(kept_in=TEXT, bytes=COUNT, rows=COUNT)
LAG = one_of_each(metric=TEXT, lag_seconds=AMOUNT, waiting=COUNT)
QUALITY = one_of_each(
    "Quality",
    **SPAN,
    timezone=TEXT,
    filters=FILTERS,
    problems=list_of(PROBLEM),
    counts=one_of_each(**dict.fromkeys(KINDS, COUNT)),
    sources=list_of(SOURCE),
    dead_letters=one_of_each(open=COUNT, reasons=list_of(LETTERS)),
    metrics=list_of(LAG),
    sizes=list_of(SIZE),
)


def quality_answer(question: Question) -> dict[str, Any]:
    """Answer what is wrong, each with what mends it, and what came of each source.

    `problems` has the worst of each kind, what makes numbers wrong or late before what is missing;
    `counts` says how many of a kind there are in all.
    """
    with snapshot():
        selection = Selection.of(replace(question, group_by="service"))
        letters, lags = _letters(selection), _lags()
        found = {kind: _rows(kind, selection, letters, lags) for kind in KINDS}
        sources = _sources(selection)
        open_letters = one("endpoints/metrics/quality_open_letters")
        sizes = run_named("endpoints/metrics/quality_sizes", {})
    order = sorted(KINDS, key=lambda kind: KINDS[kind].severity != ERROR)
    return {
        "from": rfc3339(question.span.start),
        "to": rfc3339(question.span.end),
        "timezone": str(question.zone),
        "filters": question.filters,
        "problems": [problem(kind, row) for kind in order for row in found[kind]],
        "counts": {kind: rows[0]["total"] if rows else 0 for kind, rows in found.items()},
        "sources": sources,
        "dead_letters": {
            "open": open_letters,
            "reasons": [{name: row[name] for name in LETTERS["required"]} for row in letters],
        },
        "metrics": lags,
        "sizes": sizes,
    }


def quality_table(question: Question) -> Table:
    """Return one row per problem."""
    return PROBLEM["required"], quality_answer(question)["problems"]


def _rows(kind: str, selection: Selection, letters: list[Row], lags: list[Row]) -> list[Row]:
    """Return the worst rows of a kind of problem."""
    if selection.services is not None and not KINDS[kind].is_of_service:
        return []
    if kind == "dead_letters":
        return letters
    if kind == "behind":
        return _behind(lags)
    if kind == "no_incidents":
        return _without_incidents(selection)
    return _asked(KINDS[kind].statement or "", selection)


def _asked(statement: str, selection: Selection) -> list[Row]:
    named = {"service": None, "source": None, "day": selection.question.span.start.date()}
    parameters = selection.parameters | {"most": MOST_ROWS}
    return [named | row for row in run_named(statement, parameters)]


def _letters(selection: Selection) -> list[Row]:
    return [
        row | {"last_at": rfc3339(row["last_at"]), "redrive": _redrive(row)}
        for row in _asked("endpoints/metrics/quality_dead_letters", selection)
    ]


def _redrive(row: Row) -> str:
    """Return the command that sends these letters again; what a shell line cannot hold fits any."""
    reason = re.sub(r"[\x00-\x1f\x7f-\x9f*]+", "*", row["reason"])
    if len(reason) > REASON_CHARACTERS:
        reason = f"{reason[:REASON_CHARACTERS]}*"
    named = {"--destination": row["destination"], "--reason": reason}
    options = " ".join(f"{option} {shlex.quote(text)}" for option, text in named.items())
    return f"python -m dora redrive {options}"


def _lags() -> list[Row]:
    return run_named("endpoints/metrics/quality_lag", {"metrics": list(METRICS)})


def _behind(lags: list[Row]) -> list[Row]:
    rows = [row for row in lags if row["lag_seconds"] > BEHIND_SECONDS]
    named = {"service": None, "source": None, "total": len(rows)}
    return [
        row | named | {"minutes": int(row["lag_seconds"] // 60), "count": row["waiting"]}
        for row in rows
    ]


def _without_incidents(selection: Selection) -> list[Row]:
    facts = Facts.read(selection)
    names = sorted(
        name for name, each in facts.items() if name and each.is_deployed and not each.has_incidents
    )
    rows = [{"service": name, "source": None, "count": 1, "total": len(names)} for name in names]
    return rows[:MOST_ROWS]


def _sources(selection: Selection) -> list[Row]:
    page = {"cursor_name": None, "page_size": MOST_SOURCES}
    rows = run_named("endpoints/metrics/query_sources", selection.parameters | page)
    return [row | {"last_at": rfc3339(row["last_at"])} for row in rows]
