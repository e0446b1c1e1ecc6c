"""What webhooks would have reported of an issue, worked out from what it is now and what changed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby


@dataclass(frozen=True)
class Change:
    """One thing that happened to an issue: opened, closed, reopened, labeled, unlabeled, renamed."""

    when: str
    action: str
    name: str = ""  # of the label, or the title before


@dataclass
class Moment:
    """All that happened at one time, and what the issue was after it."""

    when: str
    changes: list[Change]
    labels: list[str]
    title: str
    closed_at: str | None = None
    labels_before: list[str] = field(default_factory=list)


def moments(
    changes: list[Change], *, opened_at: str, labels: list[str], title: str
) -> list[Moment]:
    """Return the moments of an issue, the first one first.

    Labels that an issue is opened with are reported as changes of that same moment, so they belong to it.

    Args:
        changes: all changes but the opening; times in UTC, in one form.
        opened_at: when the issue was made.
        labels: those that it has now.
        title: the one that it has now.
    """
    ordered = sorted([Change(opened_at, "opened"), *changes], key=lambda one: one.when)
    grouped = [(when, list(happened)) for when, happened in groupby(ordered, lambda one: one.when)]
    found = []
    for when, happened in reversed(grouped):
        moment = Moment(when, happened, labels, title)
        for change in reversed(happened):
            labels, title = _before(change, labels, title)
        moment.labels_before = labels
        found.append(moment)
    return _with_closings(found[::-1])


def _before(change: Change, labels: list[str], title: str) -> tuple[list[str], str]:
    """Undo a change."""
    match change.action:
        case "labeled":
            return [label for label in labels if label != change.name], title
        case "unlabeled":
            return [*labels, change.name], title
        case "renamed":
            return labels, change.name
    return labels, title


def _with_closings(found: list[Moment]) -> list[Moment]:
    closed_at = None
    for moment in found:
        for change in moment.changes:
            if change.action in ("closed", "reopened"):
                closed_at = moment.when if change.action == "closed" else None
        moment.closed_at = closed_at
    return found
