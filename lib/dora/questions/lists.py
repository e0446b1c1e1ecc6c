"""The evidence behind the numbers: which deployments, changes and incidents they are made of."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.database import run_named, snapshot
from dora.errors import PermanentError
from dora.questions.selection import Selection
from dora.questions.shapes import (
    COUNT,
    FILTERS,
    FLAG,
    MAYBE_TEXT,
    MAYBE_TIME,
    SPAN,
    TEXT,
    TIME,
    list_of,
    one_of_each,
)
from dora.times import is_date_time, rfc3339

if TYPE_CHECKING:
    from dora.questions.as_csv import Table
    from dora.questions.question import Question
    from dora.questions.shapes import Schema


class List(NamedTuple):
    """A list: what it says, its statement, the columns that its order comes from, and its rows."""

    says: str
    statement: str
    order: tuple[str, str, tuple[str, ...]]
    row: Schema


LISTS = {
    "deployments": List(
        "The deployments, whether and why each failed or was rework.",
        "endpoints/metrics/query_deployments",
        ("deployed_at", "source", ("id",)),
        one_of_each(
            "Deployment",
            source=TEXT,
            id=TEXT,
            service=TEXT,
            environment=TEXT,
            deployed_at=TIME,
            artifact=MAYBE_TEXT,
            predicate={"enum": ["deployed", "upgraded", "rolledback"]},
            is_rollback=FLAG,
            is_failed=FLAG,
            incidents={
                "type": ["array", "null"],
                "items": one_of_each(source=TEXT, id=TEXT, why=TEXT),
            },
            rolled_back_by=MAYBE_TEXT,
            recovered_at=MAYBE_TIME,
            is_rework=FLAG,
            is_during_incident=FLAG,
            is_unplanned=FLAG,
            repository=MAYBE_TEXT,
            change=MAYBE_TEXT,
            shipped_changes=COUNT,
        ),
    ),
    "changes": List(
        "The changes that each deployment shipped, with their lead times.",
        "endpoints/metrics/query_changes",
        ("deployed_at", "deployment_source", ("deployment", "sha")),
        one_of_each(
            "Change",
            repository=TEXT,
            branch=TEXT,
            sha=TEXT,
            service=TEXT,
            environment=TEXT,
            committed_at=MAYBE_TIME,
            opened_at=MAYBE_TIME,
            merged_at=TIME,
            deployed_at=TIME,
            clock={"enum": ["commit", "opened", "merged"]},
            lead_time_seconds={"type": "number", "minimum": 0},
            deployment_source=TEXT,
            deployment=TEXT,
        ),
    ),
    "incidents": List(
        "The incidents, which deployment each belongs to, and why.",
        "endpoints/metrics/query_incidents",
        ("detected_at", "source", ("id",)),
        one_of_each(
            "Incident",
            source=TEXT,
            id=TEXT,
            service=MAYBE_TEXT,
            environment=MAYBE_TEXT,
            detected_at=TIME,
            resolved_at=MAYBE_TIME,
            description=MAYBE_TEXT,
            deployment_source=MAYBE_TEXT,
            deployment=MAYBE_TEXT,
            why=TEXT,
        ),
    ),
}


def list_shape(name: str) -> Schema:
    """Return the shape of a page of a list."""
    rows = {name: list_of(LISTS[name].row)}
    return one_of_each(**SPAN, filters=FILTERS, **rows, next=MAYBE_TEXT)


def list_answer(name: str, question: Question) -> dict[str, Any]:
    """Answer a page of a list, the newest first, and the cursor of the next page or null.

    Raises:
        PermanentError: the cursor is none that a page before gave.
    """
    page_of = {"deployment": question.deployment, "page_size": question.limit + 1}
    page_of |= _read_cursor(question.cursor)
    with snapshot():
        selection = Selection.of(question)
        rows = run_named(LISTS[name].statement, selection.parameters | page_of)
    page = rows[: question.limit]
    return {
        "from": rfc3339(question.start),
        "to": rfc3339(question.end),
        "filters": selection.filters,
        name: [_row(row) for row in page],
        "next": _cursor(LISTS[name], page[-1]) if len(rows) > len(page) else None,
    }


def list_table(name: str, _question: Question, answer: dict[str, Any]) -> Table:
    """Return the rows of a page."""
    return LISTS[name].row["required"], answer[name]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _cursor(listed: List, row: dict[str, Any]) -> str:
    time, source, parts = listed.order
    place = [rfc3339(row[time]), row[source], " ".join(row[part] for part in parts)]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_cursor(cursor: str | None) -> dict[str, str | None]:
    names = ("cursor_time", "cursor_source", "cursor_id")
    if cursor is None:
        return dict.fromkeys(names)
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except ValueError:
        place = None
    if not _is_place(place):
        raise PermanentError(f"expected cursor to be next of a page before, got {cursor!r:.80}")
    return dict(zip(names, place, strict=True))


def _is_place(place: Any) -> bool:
    return (
        isinstance(place, list)
        and len(place) == len(("time", "source", "id"))
        and all(isinstance(part, str) and "\0" not in part for part in place)
        and is_date_time(place[0])
    )
