"""What is answered about one metric, and about all of them: JSON, its shape, and its table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dora.database import snapshot
from dora.questions.groups import Group, Groups, Levels, read_levels
from dora.questions.metrics import METRICS
from dora.questions.selection import Selection
from dora.questions.shapes import (
    COUNT,
    FILTERS,
    MAYBE_TEXT,
    NUMBER,
    SPAN,
    TEXT,
    TIME,
    list_of,
    one_of_each,
)
from dora.times import rfc3339

if TYPE_CHECKING:
    from dora.questions.as_csv import Table
    from dora.questions.question import Question
    from dora.questions.shapes import Schema

LEVEL = {"enum": ["elite", "high", "medium", "low", None]}
PREVIOUS = one_of_each("Previous", **SPAN, value=NUMBER, count=COUNT, change=NUMBER)
BUCKET = one_of_each("Bucket", time=TIME, value=NUMBER, count=COUNT)
IN_SUMMARY = one_of_each(
    "InSummary",
    unit=TEXT,
    value=NUMBER,
    level=LEVEL,
    count=COUNT,
    reason=MAYBE_TEXT,
    previous=PREVIOUS,
)


def metric_shape(metric: str) -> Schema:
    """Return the shape of a metric's answer."""
    group = one_of_each(
        value=NUMBER,
        level=LEVEL,
        report_year={"type": ["integer", "null"]},
        count=COUNT,
        reason=MAYBE_TEXT,
        buckets=list_of(BUCKET),
        **METRICS[metric].parts,
    )
    group["properties"] |= dict.fromkeys(("service", "environment", "team"), MAYBE_TEXT)
    group["properties"]["previous"] = PREVIOUS
    return one_of_each(
        metric={"const": metric},
        unit=TEXT,
        **SPAN,
        bucket=TEXT,
        filters=FILTERS,
        groups=list_of(group),
    )


def summary_shape() -> Schema:
    """Return the shape of the answer about all metrics."""
    metrics = one_of_each(**dict.fromkeys(METRICS, IN_SUMMARY))
    services = list_of(one_of_each(service=TEXT, metrics=metrics))
    return one_of_each("Summary", **SPAN, filters=FILTERS, services=services)


def metric_answer(metric: str, question: Question) -> dict[str, Any]:
    """Answer what a metric was in a span of time: groups, each with its buckets."""
    with snapshot():
        selection = Selection.of(question)
        groups = _groups(metric, selection)
    return {
        "metric": metric,
        "unit": METRICS[metric].unit,
        **_span(question),
        "bucket": question.bucket,
        "filters": selection.filters,
        "groups": groups,
    }


def metric_table(question: Question, answer: dict[str, Any]) -> Table:
    """Return one row per group and bucket."""
    label = [question.group_by] if question.group_by else []
    rows = [
        {
            "metric": answer["metric"],
            **{name: group[name] for name in label},
            **bucket,
            "unit": answer["unit"],
        }
        for group in answer["groups"]
        for bucket in group["buckets"]
    ]
    return ["metric", *label, *BUCKET["required"], "unit"], rows


def summary_answer(question: Question) -> dict[str, Any]:
    """Answer the metrics of each service, each beside the span before."""
    with snapshot():
        selection = Selection.of(replace(question, bucket="all", group_by="service"))
        levels = read_levels()
        spans = [_now_and_before(metric, selection, levels) for metric in METRICS]
    services = {name for span in spans for groups in span for name in groups.names if name}
    return {
        **_span(question),
        "filters": selection.filters,
        "services": [
            {
                "service": name,
                "metrics": {now.metric: _in_summary(now, before, name) for now, before in spans},
            }
            for name in sorted(services)
        ],
    }


def summary_table(_question: Question, answer: dict[str, Any]) -> Table:
    """Return one row per service and metric."""
    rows = [
        {"service": each["service"], "metric": metric, **numbers}
        for each in answer["services"]
        for metric, numbers in each["metrics"].items()
    ]
    return ["service", "metric", *IN_SUMMARY["required"]], rows


def _groups(metric: str, selection: Selection) -> list[Group]:
    levels = read_levels()
    if not selection.question.compare:
        now = Groups(metric, selection, levels)
        return [now.group(name) for name in _in_order(now.names)]
    now, before = _now_and_before(metric, selection, levels)
    return [
        {**now.group(name), "previous": _previous(now, before, name)}
        for name in _in_order(now.names | before.names)
    ]


def _now_and_before(metric: str, selection: Selection, levels: Levels) -> tuple[Groups, Groups]:
    return Groups(metric, selection, levels), Groups(metric, selection.before(), levels)


def _in_summary(now: Groups, before: Groups, name: str) -> dict[str, Any]:
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
        **_span(before.selection.question),
        "value": group["value"],
        "count": group["count"],
        "change": value - group["value"] if is_known else None,
    }


def _in_order(names: set[str | None]) -> list[str | None]:
    return sorted(names, key=lambda name: name or "")


def _span(question: Question) -> dict[str, str]:
    return {"from": rfc3339(question.start), "to": rfc3339(question.end)}
