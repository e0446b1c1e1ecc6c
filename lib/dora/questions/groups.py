"""A metric's groups in a span of time, each with its value and its buckets."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from dora.database import run_named
from dora.questions.facts import Facts
from dora.questions.metrics import METRICS
from dora.questions.shapes import nothing
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.buckets import Span
    from dora.questions.selection import Selection

Group = dict[str, Any]
Row = dict[str, Any]
NOT_CONNECTED = "no incident source is connected"
NEVER_DEPLOYED = "never deployed in the environments asked about"
NOT_COVERED = "nothing is known of this time"


class Groups:
    """The groups of a metric by name; without `group_by` there is one, whose name is None."""

    def __init__(self, metric: str, selection: Selection, facts: dict[str | None, Facts]) -> None:
        self.name, self.metric = metric, METRICS[metric]
        self.selection, self.facts = selection, facts
        # Of each group by the number of the bucket, None of the whole span.
        self.rows: dict[str | None, dict[int | None, Row]] = defaultdict(dict)
        self.beside: dict[str | None, Row] = defaultdict(dict)
        for row in run_named(self.metric.statement, selection.parameters):
            self.rows[row.pop("group_name")][row.pop("bucket")] = row
        for statement in self.metric.beside:
            for row in run_named(statement, selection.parameters):
                self.beside[row.pop("group_name")].update(row)

    @property
    def names(self) -> set[str | None]:
        """The groups that are deployed in this span, or of which something else is known."""
        question = self.selection.question
        if question.group_by is None:
            return {None}
        known = {
            name for name, each in self.facts.items() if each.is_deployed and each.covered(question)
        }
        return known | self.rows.keys() | self.beside.keys()

    def group(self, name: str | None) -> Group:
        """Return a group; it is empty where nothing is known."""
        question, rows = self.selection.question, self.rows.get(name, {})
        facts = self.facts.get(name, Facts())
        covered = facts.covered(question)
        row = rows.get(None, {}) | self.beside.get(name, {})
        value, reason = self._value(row, facts, covered)
        label = {question.group_by: name} if question.group_by else {}
        basis = {"basis": facts.basis(self.metric.evidence)} if self.metric.evidence else {}
        return {
            **label,
            "value": value,
            "count": row.get("count", 0),
            "reason": reason,
            "covered_from": rfc3339(covered.start) if covered else None,
            "covered_days": covered.days if covered else 0,
            **basis,
            "buckets": [
                self._bucket(rows.get(number, {}), facts, covered, bucket)
                for number, bucket in enumerate(self.selection.buckets, 1)
            ],
            **{
                part: _part(shape, nothing(shape) if row.get(part) is None else row[part])
                for part, shape in self.metric.parts.items()
            },
        }

    def _value(
        self, row: Row, facts: Facts, covered: Span | None
    ) -> tuple[float | None, str | None]:
        """Return the value of a row, or the reason why there is none."""
        if self.metric.evidence and not facts.basis(self.metric.evidence):
            return None, NOT_CONNECTED
        if not self.metric.is_per_day:
            value = row.get("value", self.metric.empty_value)
            return value, self.metric.reason if value is None else None
        if not facts.is_deployed:
            return None, NEVER_DEPLOYED
        if not covered:
            return None, NOT_COVERED
        return row.get("count", 0) / max(covered.days, 1), None

    def _bucket(self, row: Row, facts: Facts, covered: Span | None, bucket: Span) -> Group:
        part = bucket.within(covered) if covered else None
        is_partial = part != bucket
        is_short = is_partial and (part is None or part.days < 1)
        value, _ = self._value(row, facts, part)
        return {
            "time": rfc3339(bucket.start),
            "value": None if self.metric.is_per_day and is_short else value,
            "count": row.get("count", 0),
            "partial": is_partial,
        }


def _part(shape: dict[str, Any], value: Any) -> Any:
    """Return a part of a group; a list of numbers gets the names that its shape has."""
    if isinstance(value, list):
        return dict(zip(shape["properties"], value, strict=True))
    return value
