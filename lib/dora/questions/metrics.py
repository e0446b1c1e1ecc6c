"""What the metrics endpoint answers: one shape for all five metrics.

docs/metrics.md defines what a number means; each comes from `sql/metrics/<metric>/query*.sql`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.database import run, run_named
from dora.questions.buckets import bucket_spans, require_few_buckets
from dora.questions.catalog import read_catalog
from dora.questions.selection import Selection
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.question import Question

PERCENTILES = ("p50", "p75", "p90", "p95")
NO_PERCENTILES = {"percentiles": dict.fromkeys(PERCENTILES)}
NO_STAGES = {"commit_to_opened": None, "opened_to_merged": None, "merged_to_deployed": None}
NO_DAYS = {
    "deployments": 0,
    "days_with_deployments": 0,
    "weeks_with_deployments": 0,
    "months_with_deployments": 0,
}


class Metric(NamedTuple):
    """What a metric's value is, where it comes from, and why there may be none."""

    unit: str
    reason: str
    query: str
    beside: tuple[str, ...] = ()
    nothing: Mapping[str, Any] = MappingProxyType({})


METRICS = {
    "deployment-frequency": Metric(
        "deployments a day",
        "no deployment in this time",
        "metrics/deployment-frequency/query",
        ("metrics/deployment-frequency/query_bands",),
        {**NO_DAYS, "frequency": None},
    ),
    "lead-time-for-changes": Metric(
        "seconds",
        "no deployment in this time shipped a known change",
        "metrics/lead-time-for-changes/query",
        ("metrics/lead-time-for-changes/query_unlinked",),
        {**NO_PERCENTILES, **NO_STAGES, "unlinked": 0, "deployments_count": 0},
    ),
    "change-failure-rate": Metric(
        "ratio",
        "no deployment in this time that is no rollback",
        "metrics/change-failure-rate/query",
        nothing={"failed": 0},
    ),
    "failed-deployment-recovery-time": Metric(
        "seconds",
        "no failed deployment of this time is recovered",
        "metrics/failed-deployment-recovery-time/query",
        ("metrics/failed-deployment-recovery-time/query_restore",),
        {**NO_PERCENTILES, "open": 0, "time_to_restore": None, "open_incidents": 0},
    ),
    "deployment-rework-rate": Metric(
        "ratio",
        "no deployment in this time",
        "metrics/deployment-rework-rate/query",
        nothing={"rework": 0},
    ),
}
HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda value, bound: value >= bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
}

Group = dict[str, Any]
Levels = dict[str, list[tuple[str, Callable[[float, float], bool], float, int]]]


class Groups:
    """A metric's groups in a span of time by name; without `group_by` one, whose name is None."""

    def __init__(self, metric: str, selection: Selection, levels: Levels) -> None:
        self.metric, self.question, self.levels = metric, selection.question, levels
        self.rows: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
        self.beside: dict[str | None, dict[str, Any]] = defaultdict(dict)
        for row in run_named(METRICS[metric].query, _parameters(metric, selection)):
            self.rows[row["group_name"]].append(row)
        for statement in METRICS[metric].beside:
            for row in run_named(statement, selection.parameters):
                self.beside[row.pop("group_name")].update(row)

    @property
    def names(self) -> set[str | None]:
        """The groups of which something is known."""
        return self.rows.keys() | self.beside.keys() if self.question.group_by else {None}

    def group(self, name: str | None) -> Group:
        """Give a group; it is empty where nothing is known."""
        group = _group(self.metric, self.question, name, self.rows.get(name, []))
        level, report_year = _level(self.levels, self.metric, group["value"])
        return {**group, **self.beside.get(name, {}), "level": level, "report_year": report_year}


def metric_answer(metric: str, question: Question) -> dict[str, Any]:
    """Answer what a metric was in a span of time: groups, each with its buckets."""
    require_few_buckets(question)
    selection = Selection(question, read_catalog())
    return {
        "metric": metric,
        "unit": METRICS[metric].unit,
        **_span(question),
        "bucket": question.bucket,
        "filters": selection.filters,
        "groups": _groups(metric, selection),
    }


def _groups(metric: str, selection: Selection) -> list[Group]:
    levels = read_levels()
    now = Groups(metric, selection, levels)
    if not selection.question.compare:
        return [now.group(name) for name in _in_order(now.names)]
    before = Groups(metric, selection.before(), levels)
    return [
        {**now.group(name), "previous": _previous(now, before, name)}
        for name in _in_order(now.names | before.names)
    ]


def summary_answer(question: Question) -> dict[str, Any]:
    """Answer the five metrics of each service, each beside the span before."""
    selection = Selection(replace(question, bucket="all", group_by="service"), read_catalog())
    levels = read_levels()
    spans = [
        (Groups(metric, selection, levels), Groups(metric, selection.before(), levels))
        for metric in METRICS
    ]
    services = {name for span in spans for groups in span for name in groups.names if name}
    return {
        **_span(question),
        "filters": selection.filters,
        "services": [
            {
                "service": name,
                "metrics": {now.metric: _summary(now, before, name) for now, before in spans},
            }
            for name in sorted(services)
        ],
    }


def _summary(now: Groups, before: Groups, name: str) -> dict[str, Any]:
    group = now.group(name)
    return {
        "unit": METRICS[now.metric].unit,
        **{part: group[part] for part in ("value", "level", "count", "reason")},
        "previous": _previous(now, before, name),
    }


def _previous(now: Groups, before: Groups, name: str | None) -> dict[str, Any]:
    group, value = before.group(name), now.group(name)["value"]
    is_known = value is not None and group["value"] is not None
    return {
        **_span(before.question),
        "value": group["value"],
        "count": group["count"],
        "change": value - group["value"] if is_known else None,
    }


def _in_order(names: set[str | None]) -> list[str | None]:
    return sorted(names, key=lambda name: name or "")


def _parameters(metric: str, selection: Selection) -> dict[str, Any]:
    if metric != "lead-time-for-changes":
        return selection.parameters
    # A change says itself which repository it is of.
    repositories = selection.question.filters.get("repository")
    return selection.parameters | {"repositories": repositories}


def _group(metric: str, question: Question, name: str | None, rows: list[dict[str, Any]]) -> Group:
    total = next((row for row in rows if row["is_total"]), None)
    buckets = {row["bucket_at"]: row for row in rows if not row["is_total"]}
    label = {question.group_by: name} if question.group_by else {}
    return {
        **label,
        **_numbers(metric, total, question.days),
        "buckets": [
            {"time": rfc3339(start), **_bucket(metric, question, buckets.get(key), start, end)}
            for key, start, end in bucket_spans(question)
        ],
    }


def _bucket(
    metric: str,
    question: Question,
    row: dict[str, Any] | None,
    start: datetime,
    end: datetime,
) -> dict[str, Any]:
    days = (min(end, question.end) - max(start, question.start)) / timedelta(days=1)
    numbers = _numbers(metric, row, days)
    return {"value": numbers["value"], "count": numbers["count"]}


def _numbers(metric: str, row: dict[str, Any] | None, days: float) -> dict[str, Any]:
    """Give value, count and reason, and what else the statement tells of a group."""
    told = {
        k: v for k, v in (row or {}).items() if k not in ("group_name", "is_total", "bucket_at")
    }
    count = told.pop("count", 0)
    if metric == "deployment-frequency":
        value: float | None = count / days
    else:
        value = told.pop("value", None)
    if "percentiles" in told:
        told["percentiles"] = dict(
            zip(PERCENTILES, told["percentiles"] or [None] * len(PERCENTILES), strict=True)
        )
    reason = METRICS[metric].reason if value is None else None
    return {"value": value, "count": count, "reason": reason, **METRICS[metric].nothing, **told}


def read_levels() -> Levels:
    """Give the levels of each metric, the best first."""
    levels: Levels = {}
    for metric, level, comparison, bound, report_year in run("endpoints/metrics/read_levels"):
        levels.setdefault(metric, []).append((level, HOLDS[comparison], bound, report_year))
    return levels


def _level(levels: Levels, metric: str, value: float | None) -> tuple[str | None, int | None]:
    for level, holds, bound, report_year in levels.get(metric, []):
        if value is not None and holds(value, bound):
            return level, report_year
    return None, None


def _span(question: Question) -> dict[str, str]:
    return {"from": rfc3339(question.start), "to": rfc3339(question.end)}
