"""What is known of a group's services, of all time: docs/metrics.md, rules 19 and 20."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from dora.database import run_named
from dora.questions.buckets import Span

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from dora.questions.question import Question
    from dora.questions.selection import Selection


class Facts(NamedTuple):
    """What is known of a group, of all time.

    Attributes:
        covered_from: midnight of the day on which an event first named one of its services; None where
            none did.
        covered_to: when the last of its targets was removed; None where one runs, or there is none.
        is_deployed: whether it was ever deployed in the environments asked about.
        has_incidents: whether its services are such that incidents of them would be known.
        has_rollbacks: whether a rollback of them is known.
        has_unplanned: whether an unplanned deployment of them is known.
    """

    covered_from: datetime | None = None
    covered_to: datetime | None = None
    is_deployed: bool = False
    has_incidents: bool = False
    has_rollbacks: bool = False
    has_unplanned: bool = False

    @classmethod
    def read(cls, selection: Selection) -> dict[str | None, Self]:
        """Return the facts of each group by its name."""
        rows = run_named("endpoints/metrics/query_facts", selection.parameters)
        return {row.pop("group_name"): cls(**row) for row in rows}

    def covered(self, question: Question) -> Span | None:
        """Return the part of the question's span of which something is known; None where none is."""
        if self.covered_from is None:
            return None
        end = min(question.asked_at, self.covered_to or question.asked_at)
        covered = Span(self.covered_from, end).within(question.span)
        return covered if covered.days else None

    def basis(self, evidence: Container[str]) -> list[str] | None:
        """Return which kinds of evidence of failure there are; None where there is none."""
        if self.has_incidents:
            return ["incidents", "rollbacks"]
        if self.has_rollbacks:
            return ["rollbacks"]
        return ["unplanned"] if self.has_unplanned and "unplanned" in evidence else None
