"""A metric's groups in a span of time, each with its value and its buckets."""

from __future__ import annotations

from collections import defaultdict
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from dora.database import run_named
from dora.questions.buckets import require_few_values
from dora.questions.facts import Facts
from dora.questions.metrics import METRICS
from dora.questions.shapes import nothing
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.buckets import Span
    from dora.questions.question import Question
    from dora.questions.selection import Selection

Group = dict[str, Any]
Row = dict[str, Any]
NOT_CONNECTED = "no incident source is connected"
NEVER_DEPLOYED = "never deployed in the environments asked about"
NOT_COVERED = "nothing is known of this time"


class Covered(NamedTuple):
    """What is known of a group, and of which part of the question's span, as an answer says it."""

    facts: Facts
    span: Span | None
    start: str | None
    days: float

    @classmethod
    def of(cls, facts: Facts, question: Question) -> Self:
        """Say it of a group."""
        span = facts.covered(question)
        return cls(facts, span, rfc3339(span.start) if span else None, span.days if span else 0)


NOT_KNOWN = Covered(Facts(), None, None, 0)


class Shared:
    """What the metrics that a question asks for have in common: each statement is run once."""

    def __init__(self, selection: Selection, facts: dict[str | None, Facts]) -> None:
        parameters = selection.parameters
        self.rows = cache(lambda statement: run_named(statement, parameters))
        self.covered = {
            name: Covered.of(known, selection.question) for name, known in facts.items()
        }


class Groups:
    """The groups of a metric by name; without `group_by` there is one, whose name is None."""

    def __init__(self, metric: str, selection: Selection, shared: Shared) -> None:
        self.name, self.metric = metric, METRICS[metric]
        self.selection, self.covered = selection, shared.covered
        asked = selection.question.span
        self.span = {"from": rfc3339(asked.start), "to": rfc3339(asked.end)}
        self.empty_parts = {name: nothing(shape) for name, shape in self.metric.parts.items()}
        # Of each group by the number of the bucket, None of the whole span.
        self.rows: dict[str | None, dict[int | None, Row]] = defaultdict(dict)
        self._shared = shared
        require_few_values(len(self._deployed), len(selection.buckets))
        for row in shared.rows(self.metric.statement):
            self.rows[row["group_name"]][row["bucket"]] = row
        if len(selection.buckets) == 1:
            for rows in self.rows.values():
                rows[1] = rows[None]

    @classmethod
    def of_all(cls, selection: Selection, facts: dict[str | None, Facts]) -> dict[str, Self]:
        """Return the groups of each metric."""
        shared = Shared(selection, facts)
        return {metric: cls(metric, selection, shared) for metric in METRICS}

    @property
    def names(self) -> set[str | None]:
        """The groups that are deployed in this span, or of which something else is shown."""
        if self.selection.question.group_by is None:
            return {None}
        known = self._deployed | self.rows.keys()
        return known if self.selection.values_only else known | self.beside.keys()

    @property
    def _deployed(self) -> set[str | None]:
        if self.selection.question.group_by is None:
            return {None}
        return {name for name, each in self.covered.items() if each.facts.is_deployed and each.span}

    @cached_property
    def beside(self) -> dict[str | None, Row]:
        """What stands beside the values, by group; read when it is needed first."""
        found: dict[str | None, Row] = defaultdict(dict)
        for statement in self.metric.beside:
            for row in self._shared.rows(statement):
                found[row["group_name"]].update(row)
        return found

    def value(self, name: str | None) -> tuple[float | None, int]:
        """Return the value of a group in the whole span, and the count that it is of."""
        row = self.rows.get(name, {}).get(None, {})
        covered = self._covered(name)
        return self._value(row, covered.facts, covered.span)[0], row.get("count", 0)

    def group(self, name: str | None) -> Group:
        """Return a group with its buckets; it is empty where nothing is known."""
        question, rows, covered = (
            self.selection.question,
            self.rows.get(name, {}),
            self._covered(name),
        )
        label = {question.group_by: name} if question.group_by else {}
        buckets = [
            self._bucket(rows.get(number, {}), covered.facts, covered.span, bucket)
            for number, bucket in enumerate(self.selection.buckets, 1)
        ]
        return {**label, **self.standing(name), "buckets": buckets}

    def standing(self, name: str | None) -> Group:
        """Return a group as it stands among others, of the whole span."""
        row, covered = self.rows.get(name, {}).get(None, {}), self._covered(name)
        value, reason = self._value(row, covered.facts, covered.span)
        kinds = self.metric.evidence
        said: Row = {**row, **self.beside.get(name, {})}
        return {
            "value": value,
            "count": row.get("count", 0),
            "reason": reason,
            "covered_from": covered.start,
            "covered_days": covered.days,
            **({"basis": covered.facts.basis(kinds)} if kinds else {}),
            **{
                part: empty
                if said.get(part) is None
                else _part(self.metric.parts[part], said[part])
                for part, empty in self.empty_parts.items()
            },
        }

    def _covered(self, name: str | None) -> Covered:
        return self.covered.get(name, NOT_KNOWN)

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
