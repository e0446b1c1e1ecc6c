"""What is answered about one deployment or one incident: all that led to it, and all that it led to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dora.database import run_named, snapshot
from dora.errors import NotFoundError
from dora.questions.buckets import Span
from dora.questions.lists import LISTS, page_of
from dora.questions.selection import Selection
from dora.questions.shapes import MAYBE_TEXT, MAYBE_TIME, TEXT, TIME, YES, list_of, one_of_each
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.question import Question
    from dora.questions.shapes import Schema

MOST_CHANGES = 200
# What a list calls the time that it is in the order of.
TIMES = {"deployments": "deployed_at", "incidents": "detected_at"}
Row = dict[str, Any]


def _maybe(shape: Schema) -> Schema:
    return {"oneOf": [shape, {"type": "null"}]}


REFERENCE = one_of_each("Reference", source=TEXT, id=TEXT)
NEIGHBOUR = one_of_each("Neighbour", source=TEXT, id=TEXT, artifact=MAYBE_TEXT)
ROLLOUT = one_of_each(
    "Rollout",
    source=TEXT,
    id=TEXT,
    predicate=TEXT,
    happened_at=TIME,
    started_at=TIME,
    environment=TEXT,
    artifact=MAYBE_TEXT,
    is_unplanned=YES,
    url=MAYBE_TEXT,
    takes_back=_maybe(REFERENCE),
)
ARTIFACT = one_of_each(
    "Artifact",
    source=TEXT,
    id=TEXT,
    predicate=TEXT,
    happened_at=TIME,
    artifact=TEXT,
    commit=MAYBE_TEXT,
    url=MAYBE_TEXT,
)
BLAMED = one_of_each(
    "Blamed",
    source=TEXT,
    id=TEXT,
    detected_at=TIME,
    resolved_at=MAYBE_TIME,
    description=MAYBE_TEXT,
    why=TEXT,
    counts=YES,
)
DEPLOYMENT = one_of_each(
    "DeploymentChain",
    deployment=LISTS["deployments"].row,
    started_at=TIME,
    completed_at=TIME,
    changes=list_of(LISTS["changes"].row),
    artifacts=list_of(ARTIFACT),
    rollouts=list_of(ROLLOUT),
    incidents=list_of(BLAMED),
    previous=_maybe(NEIGHBOUR),
    following=_maybe(NEIGHBOUR),
)
OPENING = one_of_each("Opening", begins_at=TIME, ends_at=MAYBE_TIME)
INCIDENT = one_of_each(
    "IncidentChain",
    incident=LISTS["incidents"].row,
    url=MAYBE_TEXT,
    openings=list_of(OPENING),
    deployment=_maybe(LISTS["deployments"].row),
)


def deployment_answer(question: Question) -> Row:
    """Answer what one deployment shipped, how it was made and rolled out, and what came of it.

    Raises:
        NotFoundError: there is none of this source and id.
    """
    with snapshot():
        found = _found("deployment", "endpoints/metrics/query_deployment", question)
        shipped = _of_deployment("changes", question, found)
        return {
            "deployment": _row("deployments", question, found),
            "started_at": rfc3339(found["started_at"]),
            "completed_at": rfc3339(found["completed_at"]),
            "changes": shipped,
            "artifacts": _rows("endpoints/metrics/query_artifacts", question),
            "rollouts": _rows("endpoints/metrics/query_rollouts", question),
            "incidents": _rows("endpoints/metrics/query_blamed", question),
            "previous": found["previous"],
            "following": found["following"],
        }


def incident_answer(question: Question) -> Row:
    """Answer what is known of one incident: when it was open, and the deployment that it belongs to.

    Raises:
        NotFoundError: there is none of this source and id.
    """
    with snapshot():
        found = _found("incident", "endpoints/metrics/query_incident", question)
        incident = _row("incidents", question, found)
        return {
            "incident": incident,
            "url": found["url"],
            "openings": found["openings"],
            "deployment": _caused_by(incident, question),
        }


def _caused_by(incident: Row, question: Question) -> Row | None:
    if incident["deployment"] is None:
        return None
    asked = replace(question, source=incident["deployment_source"], id=incident["deployment"])
    found = _found("deployment", "endpoints/metrics/query_deployment", asked)
    return _row("deployments", asked, found)


def _found(what: str, statement: str, question: Question) -> Row:
    rows = run_named(statement, {"source": question.source, "id": question.id})
    if not rows:
        raise NotFoundError(
            f"there is no {what} of the source {question.source!r:.120} and the id {question.id!r:.120}"
        )
    return rows[0]


def _rows(statement: str, question: Question) -> list[Row]:
    rows = run_named(statement, {"source": question.source, "id": question.id})
    return [
        {
            name: rfc3339(value) if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _row(name: str, question: Question, found: Row) -> Row:
    """Return the row that a list has of it, which is found by its time."""
    for row in _listed(name, question, found, found[TIMES[name]]):
        if (row["source"], row["id"]) == (question.source, question.id):
            return row
    raise NotFoundError(f"{question.id!r:.120} is in no list")


def _of_deployment(name: str, question: Question, found: Row) -> list[Row]:
    rows = _listed(name, replace(question, deployment=question.id), found, found["deployed_at"])
    return [row for row in rows if row["deployment_source"] == question.source]


def _listed(name: str, question: Question, found: Row, at: datetime) -> list[Row]:
    """Return what a list has of a moment, of one service and environment where they are known."""
    filters: dict[str, list[str]] = {
        part: [found[part]] for part in ("service", "environment") if part in found
    }
    asked = replace(
        question, span=Span(at, at + timedelta(microseconds=1)), bucket="all", filters=filters
    )
    # An incident is listed whatever the tier of its environment.
    selection = Selection.of(asked, default_tiers=[])
    return page_of(LISTS[name], selection, MOST_CHANGES)[0]
