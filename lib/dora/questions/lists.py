"""The evidence behind the numbers: which deployments, changes and incidents they are made of."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.database import run_named
from dora.errors import PermanentError
from dora.questions.catalog import read_catalog
from dora.questions.question import QUESTION
from dora.questions.selection import Selection
from dora.times import is_date_time, rfc3339

if TYPE_CHECKING:
    from dora.questions.question import Question

PARAMETERS = {
    name: QUESTION[name]
    for name in ("from", "to", "service", "environment", "tier", "repository", "team", "format")
} | {
    "deployment": "only of this deployment, by its id",
    "limit": "how many rows a page has, from 1 to 1000; 100 where it is not given",
    "cursor": "`next` of the page before",
}


class Evidence(NamedTuple):
    """A list: what it says, its statement, and the columns that its order comes from."""

    says: str
    query: str
    order: tuple[str, str, tuple[str, ...]]
    parameters: dict[str, str] = PARAMETERS


EVIDENCE = {
    "deployments": Evidence(
        "List the deployments, whether and why each failed or was rework.",
        "endpoints/metrics/query_deployments",
        ("deployed_at", "source", ("id",)),
    ),
    "changes": Evidence(
        "List the changes that each deployment shipped, with their lead times.",
        "endpoints/metrics/query_changes",
        ("deployed_at", "deployment_source", ("deployment", "sha")),
    ),
    "incidents": Evidence(
        "List the incidents, which deployment each belongs to, and why.",
        "endpoints/metrics/query_incidents",
        ("detected_at", "source", ("id",)),
    ),
}


def evidence_answer(name: str, question: Question) -> dict[str, Any]:
    """Answer a page of a list, the newest first, and the cursor of the next page or null.

    Raises:
        PermanentError: the cursor is none that a page before gave.
    """
    evidence = EVIDENCE[name]
    selection = Selection(question, read_catalog())
    page_of = {"deployment": question.deployment, "page_size": question.limit + 1}
    page_of |= _read_cursor(question.cursor)
    rows = run_named(evidence.query, selection.parameters | page_of)
    page = rows[: question.limit]
    return {
        "from": rfc3339(question.start),
        "to": rfc3339(question.end),
        "filters": selection.filters,
        name: [_row(row) for row in page],
        "next": _cursor(evidence, page[-1]) if len(rows) > len(page) else None,
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _cursor(evidence: Evidence, row: dict[str, Any]) -> str:
    time, source, parts = evidence.order
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
