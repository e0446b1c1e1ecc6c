"""What every answer says of itself: its span, its filters, and what it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.database import run_named
from dora.questions.shapes import COUNT, FILTERS, NAMES, SPAN, TEXT, YES, one_of_each
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.selection import Selection

ABOUT = {
    **SPAN,
    "timezone": TEXT,
    "filters": FILTERS,
    # Deployments that are left out, for nobody says of which tier their environments are.
    "unknown_tier": one_of_each("UnknownTier", deployments=COUNT, environments=NAMES),
    # Whether the catalog was changed and numbers are computed anew; until then these are the old ones.
    "rebuilding": YES,
}


def about(selection: Selection) -> dict[str, Any]:
    """Return what an answer says of itself."""
    [row] = run_named("endpoints/metrics/query_about", selection.parameters)
    question = selection.question
    return {
        "from": rfc3339(question.span.start),
        "to": rfc3339(question.span.end),
        "timezone": str(question.zone),
        "filters": selection.filters,
        "unknown_tier": {part: row[part] for part in ("deployments", "environments")},
        "rebuilding": row["is_rebuilding"],
    }
