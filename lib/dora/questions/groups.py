"""A metric's groups in a span of time, each with its value, its level and its buckets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dora.database import run, run_named
from dora.questions.metrics import METRICS
from dora.questions.shapes import nothing
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.selection import Selection

HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda value, bound: value >= bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
}
Group = dict[str, Any]
Levels = dict[str, list[tuple[str, Callable[[float, float], bool], float, int]]]


def read_levels() -> Levels:
    """Return the levels of each metric, the best first."""
    levels: Levels = {}
    for metric, level, comparison, bound, report_year in run("endpoints/metrics/read_levels"):
        levels.setdefault(metric, []).append((level, HOLDS[comparison], bound, report_year))
    return levels


class Groups:
    """The groups of a metric by name; without `group_by` there is one, whose name is None."""

    def __init__(self, metric: str, selection: Selection, levels: Levels) -> None:
        self.metric, self.selection, self.levels = metric, selection, levels.get(metric, [])
        # Of each group by the number of the bucket, None of the whole span.
        self.rows: dict[str | None, dict[int | None, dict[str, Any]]] = defaultdict(dict)
        self.beside: dict[str | None, dict[str, Any]] = defaultdict(dict)
        for row in run_named(METRICS[metric].statement, selection.parameters):
            self.rows[row.pop("group_name")][row.pop("bucket")] = row
        for statement in METRICS[metric].beside:
            for row in run_named(statement, selection.parameters):
                self.beside[row.pop("group_name")].update(row)

    @property
    def names(self) -> set[str | None]:
        """The groups of which something is known."""
        grouped = self.selection.question.group_by is not None
        return self.rows.keys() | self.beside.keys() if grouped else {None}

    def group(self, name: str | None) -> Group:
        """Return a group; it is empty where nothing is known."""
        question, rows = self.selection.question, self.rows.get(name, {})
        total = self._numbers(rows.get(None))
        level, report_year = self._level(total["value"])
        label = {question.group_by: name} if question.group_by else {}
        return {
            **label,
            **total,
            "buckets": [
                {"time": rfc3339(start), **self._bucket(rows.get(number))}
                for number, start in enumerate(self.selection.starts, 1)
            ],
            **self.beside.get(name, {}),
            "level": level,
            "report_year": report_year,
        }

    def _bucket(self, row: dict[str, Any] | None) -> dict[str, Any]:
        numbers = self._numbers(row)
        return {"value": numbers["value"], "count": numbers["count"]}

    def _numbers(self, row: dict[str, Any] | None) -> dict[str, Any]:
        """Return value, count and reason, and the metric's other parts."""
        metric, known = METRICS[self.metric], row or {}
        parts = {
            name: _part(shape, known.get(name) or nothing(shape))
            for name, shape in metric.parts.items()
        }
        value = known.get("value", metric.empty_value)
        reason = metric.reason if value is None else None
        return {"value": value, "count": known.get("count", 0), "reason": reason, **parts}

    def _level(self, value: float | None) -> tuple[str | None, int | None]:
        for level, holds, bound, report_year in self.levels:
            if value is not None and holds(value, bound):
                return level, report_year
        return None, None


def _part(shape: dict[str, Any], value: Any) -> Any:
    """Return a part of a group; a list of numbers gets the names that its shape has."""
    if isinstance(value, list):
        return dict(zip(shape["properties"], value, strict=True))
    return value
