"""What the metrics endpoint answers: one shape for all five metrics.

docs/metrics.md defines what a number means; each comes from `sql/metrics/<metric>/query*.sql`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.catalog import Catalog, read_catalog
from dora.database import run, run_named
from dora.errors import PermanentError
from dora.parameters import TIERS, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

PERCENTILES = ("p50", "p75", "p90", "p95")
NO_PERCENTILES = {"percentiles": dict.fromkeys(PERCENTILES)}
NO_STAGES = {"commit_to_opened": None, "opened_to_merged": None, "merged_to_deployed": None}


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
    ),
    "lead-time-for-changes": Metric(
        "seconds",
        "no deployment in this time shipped a known change",
        "metrics/lead-time-for-changes/query",
        ("metrics/lead-time-for-changes/query_unlinked",),
        NO_PERCENTILES | NO_STAGES,
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
        {**NO_PERCENTILES, "open": 0},
    ),
    "deployment-rework-rate": Metric(
        "ratio",
        "no deployment in this time",
        "metrics/deployment-rework-rate/query",
        nothing={"rework": 0},
    ),
}
# A page that nobody reads costs the database as much as one that somebody does.
MAX_BUCKETS = 1100
HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">=": lambda value, bound: value >= bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
}

Group = dict[str, Any]
Levels = dict[str, list[tuple[str, Callable[[float, float], bool], float, int]]]


class Selection:
    """A question with its filters resolved to services and environments."""

    def __init__(self, question: Question, catalog: Catalog) -> None:
        self.question, self.catalog = question, catalog
        asked = question.filters
        tiers = asked.get("tier", [] if "environment" in asked else ["production"])
        self.filters = asked | ({"tier": tiers} if tiers else {})
        self.services = self._services(asked)
        self.environments = self._environments(asked.get("environment"), tiers)

    def before(self) -> Selection:
        """Select the same in the span before."""
        return Selection(self.question.previous(), self.catalog)

    @property
    def parameters(self) -> dict[str, Any]:
        """What every statement of a metric is given."""
        return {
            "from": self.question.start.isoformat(),
            "to": self.question.end.isoformat(),
            "bucket": self.question.bucket,
            "services": self.services,
            "environments": self.environments,
            "group_by": self.question.group_by,
            "teams": json.dumps(self.catalog.teams),
        }

    def _services(self, asked: dict[str, list[str]]) -> list[str] | None:
        wanted = [set(asked["service"])] if "service" in asked else []
        if "team" in asked:
            wanted.append(self.catalog.services_of_teams(asked["team"]))
        if "repository" in asked:
            wanted.append(self.catalog.services_of_repositories(asked["repository"]))
        return sorted(set.intersection(*wanted)) if wanted else None

    def _environments(self, named: list[str] | None, tiers: list[str]) -> list[str] | None:
        if not tiers or set(tiers) == set(TIERS):
            return named
        known = {row[0] for row in run("endpoints/metrics/read_environments", tiers=tiers)}
        return sorted(known & set(named) if named else known)


def metric_answer(metric: str, question: Question) -> dict[str, Any]:
    """Answer what a metric was in a span of time: groups, each with its buckets."""
    _require_few_buckets(question)
    selection = Selection(question, read_catalog())
    levels = read_levels()
    groups = metric_groups(metric, selection, levels)
    if question.compare:
        before = metric_groups(metric, selection.before(), levels)
        for name, group in groups.items():
            group["previous"] = _previous(group, before.get(name), question.previous())
    return {
        "metric": metric,
        "unit": METRICS[metric].unit,
        **_span(question),
        "bucket": question.bucket,
        "filters": selection.filters,
        "groups": list(groups.values()),
    }


def summary_answer(question: Question) -> dict[str, Any]:
    """Answer the five metrics of each service, each beside the span before."""
    selection = Selection(replace(question, bucket="all", group_by="service"), read_catalog())
    levels = read_levels()
    services: dict[str | None, dict[str, Any]] = {}
    for metric, asked in METRICS.items():
        before = metric_groups(metric, selection.before(), levels)
        for name, group in metric_groups(metric, selection, levels).items():
            services.setdefault(name, dict.fromkeys(METRICS))[metric] = {
                "unit": asked.unit,
                **{part: group[part] for part in ("value", "level", "count", "reason")},
                "previous": _previous(group, before.get(name), question.previous()),
            }
    return {
        **_span(question),
        "filters": selection.filters,
        "services": [
            {"service": name, "metrics": services[name]}
            for name in sorted(services, key=lambda name: name or "")
        ],
    }


def metric_groups(metric: str, selection: Selection, levels: Levels) -> dict[str | None, Group]:
    """Give the groups by name; without `group_by` one group, whose name is None."""
    question, asked = selection.question, METRICS[metric]
    rows = run_named(asked.query, _parameters(metric, selection))
    names = {row["group_name"] for row in rows} | (set() if question.group_by else {None})
    groups = {
        name: _group(metric, question, name, [row for row in rows if row["group_name"] == name])
        for name in sorted(names, key=lambda name: name or "")
    }
    for statement in asked.beside:
        for row in run_named(statement, selection.parameters):
            groups.get(row.pop("group_name"), {}).update(row)
    for group in groups.values():
        group["level"], group["report_year"] = _level(levels, metric, group["value"])
    return groups


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
        **_numbers(metric, question, total, question.days),
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
    numbers = _numbers(metric, question, row, days)
    return {"value": numbers["value"], "count": numbers["count"]}


def _numbers(
    metric: str, question: Question, row: dict[str, Any] | None, days: float
) -> dict[str, Any]:
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
    if not row and question:
        told = dict(METRICS[metric].nothing)
    reason = METRICS[metric].reason if value is None else None
    return {"value": value, "count": count, "reason": reason, **told}


def bucket_spans(question: Question) -> Iterator[tuple[datetime | None, datetime, datetime]]:
    """Give each bucket of the span: its key in the rows, its start and its end, in UTC."""
    if question.bucket == "all":
        yield None, question.start, question.end
        return
    start = _truncate(question.start.astimezone(UTC), question.bucket)
    while start < question.end:
        end = _next(start, question.bucket)
        yield start, start, end
        start = end


def _truncate(moment: datetime, bucket: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    if bucket == "month":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if bucket == "year" else day


def _next(start: datetime, bucket: str) -> datetime:
    if bucket in ("day", "week"):
        return start + timedelta(days=1 if bucket == "day" else 7)
    # The 1st of a month and 32 days is in the next month; of a year and 366 days, in the next year.
    return _truncate(start + timedelta(days=32 if bucket == "month" else 366), bucket)


def _require_few_buckets(question: Question) -> None:
    days = {"day": 1, "week": 7, "month": 28, "year": 365}.get(question.bucket)
    if days and question.days / days > MAX_BUCKETS:
        raise PermanentError(
            f"expected a span of at most {MAX_BUCKETS} buckets, got one of "
            f"{question.days / days:.0f}; ask for a shorter span or larger buckets"
        )


def _previous(group: Group, before: Group | None, question: Question) -> dict[str, Any]:
    value = before["value"] if before else None
    now = group["value"]
    return {
        **_span(question),
        "value": value,
        "count": before["count"] if before else 0,
        "change": now - value if now is not None and value is not None else None,
    }


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


def rfc3339(moment: datetime) -> str:
    """Give a moment in UTC as RFC 3339."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
