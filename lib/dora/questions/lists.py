"""The evidence behind the numbers, and what is known: lists, a page at a time or complete."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.database import run_named, snapshot
from dora.errors import PermanentError
from dora.questions.about import ABOUT, about
from dora.questions.question import ARRIVED, DEPLOYMENTS, INCIDENTS, LIST, NAMED, PLACED, Parameters
from dora.questions.selection import Selection
from dora.questions.shapes import (
    COUNT,
    FILTERS,
    FLAG,
    MAYBE_TEXT,
    MAYBE_TIME,
    NAMES,
    TEXT,
    TIME,
    YES,
    list_of,
    one_of_each,
)
from dora.times import is_date_time, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.questions.as_csv import Table
    from dora.questions.question import Question
    from dora.questions.shapes import Schema

PAGE_SIZE = 100
# Of what is answered whole, so many rows are held at a time.
MOST_ROWS = 1000
MAYBE_TIER = {"enum": ["production", "staging", "testing", "development", None]}


# Where a page begins: behind the row of these values; null at the beginning.
Place = dict[str, Any]


class List(NamedTuple):
    """A list: what it says, its statement, its rows, and what may be asked of it.

    `order` has the columns that its order comes from, by the parameter of the statement which says
    where the page before ended; several columns are joined by a space.
    """

    says: str
    statement: str
    order: dict[str, tuple[str, ...]]
    row: Schema
    parameters: Parameters = LIST


CORRECTION = one_of_each(
    "Correction",
    counts=FLAG,
    failed=FLAG,
    unplanned=FLAG,
    commit=MAYBE_TEXT,
    repository=MAYBE_TEXT,
    service=MAYBE_TEXT,
    by=TEXT,
    because=TEXT,
    at=TIME,
)
# Days are those of UTC, on which the events arrived.
SOURCE = one_of_each(
    "Source",
    source=TEXT,
    last_at=TIME,
    events=COUNT,
    unknown=COUNT,
    cdevents=COUNT,
    events_ahead=COUNT,
    refusals=COUNT,
    last_refusal=MAYBE_TEXT,
    days=list_of(one_of_each(type=TEXT, day=TEXT, events=COUNT)),
)
LISTS = {
    "deployments": List(
        "The deployments, whether and why each failed or was rework.",
        "endpoints/metrics/query_deployments",
        {"cursor_time": ("deployed_at",), "cursor_source": ("source",), "cursor_id": ("id",)},
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
            # A repository, a space and a commit each.
            commits=NAMES,
            shipped_changes=COUNT,
            counts=FLAG,
            correction={**CORRECTION, "type": ["object", "null"]},
        ),
        DEPLOYMENTS,
    ),
    "changes": List(
        "The changes that each deployment shipped, with their lead times.",
        "endpoints/metrics/query_changes",
        {
            "cursor_time": ("deployed_at",),
            "cursor_source": ("deployment_source",),
            "cursor_id": ("deployment", "sha"),
        },
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
            is_bot=YES,
            clock={"enum": ["commit", "opened", "merged"]},
            lead_time_seconds={"type": "number", "minimum": 0},
            deployment_source=TEXT,
            deployment=TEXT,
        ),
    ),
    "incidents": List(
        "The incidents, which deployment each belongs to, and why.",
        "endpoints/metrics/query_incidents",
        {"cursor_time": ("detected_at",), "cursor_source": ("source",), "cursor_id": ("id",)},
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
            counts=FLAG,
            correction={**CORRECTION, "type": ["object", "null"]},
        ),
        INCIDENTS,
    ),
    "services": List(
        "The services that are known: their teams, repositories and environments.",
        "endpoints/metrics/query_services",
        {"cursor_name": ("service",)},
        one_of_each(
            "Service",
            service=TEXT,
            team=MAYBE_TEXT,
            repositories=NAMES,
            environments=list_of(one_of_each(environment=TEXT, tier=MAYBE_TIER)),
            named_at=MAYBE_TIME,
        ),
        NAMED,
    ),
    "teams": List(
        "The teams that are known, with their services.",
        "endpoints/metrics/query_teams",
        {"cursor_name": ("team",)},
        one_of_each("Team", team=TEXT, services=NAMES),
        NAMED,
    ),
    "environments": List(
        "The environments to which services were deployed, with their tiers.",
        "endpoints/metrics/query_environments",
        {"cursor_name": ("environment",)},
        one_of_each("Environment", environment=TEXT, tier=MAYBE_TIER, services=NAMES),
        PLACED,
    ),
    "sources": List(
        "What came from each source: events a day by type, CDEvents made of them, refusals.",
        "endpoints/metrics/query_sources",
        {"cursor_name": ("source",)},
        SOURCE,
        ARRIVED,
    ),
}


def list_shape(name: str) -> Schema:
    """Return the shape of a page of a list."""
    listed = LISTS[name]
    said = ABOUT if "from" in listed.parameters else {"filters": FILTERS}
    return one_of_each(**said, **{name: list_of(listed.row)}, next=MAYBE_TEXT)


def list_answer(name: str, question: Question) -> dict[str, Any]:
    """Answer a page of a list, the newest first, and the cursor of the next page or null.

    Raises:
        PermanentError: the cursor is none that a page before gave.
    """
    listed = LISTS[name]
    with snapshot():
        selection = _selection(listed, question)
        rows, following = page_of(listed, selection, question.limit or PAGE_SIZE)
        said = about(selection) if "from" in listed.parameters else {"filters": selection.filters}
    return {**said, name: rows, "next": following}


def page_of(
    listed: List, selection: Selection, size: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the rows of the page that is asked for, and the cursor of the next page or None.

    Raises:
        PermanentError: the cursor is none that a page before gave.
    """
    place = _read_cursor(listed, selection.question.cursor)
    rows = _rows(listed, selection, place, size + 1)
    page = rows[:size]
    return page, _cursor(listed, page[-1]) if len(rows) > len(page) else None


def list_table(name: str, question: Question) -> Table:
    """Return all rows of a list, or as many as are asked for.

    Raises:
        PermanentError: the cursor is none that a page before gave.
    """
    return LISTS[name].row["required"], _all_rows(LISTS[name], question)


def _all_rows(listed: List, question: Question) -> Iterator[dict[str, Any]]:
    left, place = question.limit, _read_cursor(listed, question.cursor)
    with snapshot():
        selection = _selection(listed, question)
        while left is None or left > 0:
            size = min(left or MOST_ROWS, MOST_ROWS)
            rows = _rows(listed, selection, place, size)
            yield from rows
            if len(rows) < size:
                return
            place = _place(listed, rows[-1])
            left = left and left - size


def _selection(listed: List, question: Question) -> Selection:
    """Select what is asked; what is known, whenever, is known of every tier."""
    if "from" in listed.parameters:
        return Selection.of(question)
    return Selection.of(question, default_tiers=[])


def _rows(listed: List, selection: Selection, place: Place, size: int) -> list[dict[str, Any]]:
    question = selection.question
    asked = {"deployment": question.deployment, "only": question.only, "page_size": size}
    rows = run_named(listed.statement, selection.parameters | place | asked)
    return [{name: _value(value) for name, value in row.items()} for row in rows]


def _value(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else value


def _place(listed: List, row: dict[str, Any]) -> Place:
    return {
        name: " ".join(row[column] for column in columns) for name, columns in listed.order.items()
    }


def _cursor(listed: List, row: dict[str, Any]) -> str:
    place = list(_place(listed, row).values())
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_cursor(listed: List, cursor: str | None) -> Place:
    if cursor is None:
        return dict.fromkeys(listed.order)
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except ValueError:
        place = None
    if not _is_place(listed, place):
        raise PermanentError(f"expected cursor to be next of a page before, got {cursor!r:.80}")
    return dict(zip(listed.order, place, strict=True))


def _is_place(listed: List, place: Any) -> bool:
    return (
        isinstance(place, list)
        and len(place) == len(listed.order)
        and all(isinstance(part, str) and "\0" not in part for part in place)
        and ("cursor_time" not in listed.order or is_date_time(place[0]))
    )
