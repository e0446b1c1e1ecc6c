"""What a Kubernetes object says of itself: its marks, `dora.dev/<name>`.

One rule for all of them, whatever the object is: an annotation of the pod template goes before an
annotation of the object, and that before a label of the object.
"""

from __future__ import annotations

from typing import Any

from dora.tools.payloads import text_or_none

PREFIX = "dora.dev/"
PART_OF = "app.kubernetes.io/part-of"
PLACES = (
    ("spec", "template", "metadata", "annotations"),
    ("metadata", "annotations"),
    ("metadata", "labels"),
)


def mark(resource: Any, name: str) -> str | None:
    """Return the value of the object's mark `dora.dev/<name>`, or None."""
    values = (text_or_none(resource, *place, PREFIX + name) for place in PLACES)
    return next(filter(None, values), None)


def team(resource: Any) -> str | None:
    """Return the team that the object says it is of, else what it is part of, or None."""
    return mark(resource, "team") or text_or_none(resource, "metadata", "labels", PART_OF)


def is_ignored(resource: Any) -> bool:
    """Return whether the object says that nothing of it counts."""
    return mark(resource, "ignore") == "true"


def is_unplanned(said: str | None) -> bool | None:
    """Return True where somebody said that it is a hotfix; None where nobody did."""
    return True if said == "true" else None
