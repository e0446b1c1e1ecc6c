"""What is answered about one metric, and about all of them: JSON, its shape, and its table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dora.database import snapshot
from dora.questions.about import ABOUT, about
from dora.questions.buckets import require_few_services
from dora.questions.facts import Facts
from dora.questions.groups import Groups, Shared
from dora.questions.levels import with_levels
from dora.questions.metrics import METRICS
from dora.questions.selection import Selection
from dora.questions.shapes import (
    AMOUNT,
    COUNT,
    MAYBE_TEXT,
    MAYBE_TIME,
    NUMBER,
    SPAN,
    TEXT,
    TIME,
    YES,
    list_of,
    one_of_each,
)

if TYPE_CHECKING:
    from dora.questions.as_csv import Table
    from dora.questions.groups import Group
    from dora.questions.question import Question
    from dora.questions.shapes import Schema

LEVEL = {"enum": ["elite", "high", "medium", "low", None]}
PREVIOUS = one_of_each("Previous", **SPAN, value=NUMBER, count=COUNT, change=NUMBER)
BUCKET = one_of_each("Bucket", time=TIME, value=NUMBER, count=COUNT, partial=YES)
# What a value says of itself, whatever the metric.
VALUE: dict[str, Schema] = {
    "value": NUMBER,
    "level": LEVEL,
    "count": COUNT,
    "reason": MAYBE_TEXT,
    "report_year": {"type": ["integer", "null"]},
    "covered_from": MAYBE_TIME,
    "covered_days": AMOUNT,
}
BASIS: Schema = {
    "type": ["array", "null"],
    "items": {"enum": ["incidents", "rollbacks", "unplanned"]},
}


def value_shape(metric: str) -> dict[str, Schema]:
    """Return the shapes of what a value of a metric says of itself."""
    basis = {"basis": BASIS} if METRICS[metric].evidence else {}
    return {**VALUE, **basis, **METRICS[metric].parts}


def metric_shape(metric: str) -> Schema:
    """Return the shape of a metric's answer."""
    group = one_of_each(**value_shape(metric), buckets=list_of(BUCKET))
    group["properties"] |= dict.fromkeys(("service", "environment", "team"), MAYBE_TEXT)
    group["properties"]["previous"] = PREVIOUS
    return one_of_each(
        metric={"const": metric}, unit=TEXT, **ABOUT, bucket=TEXT, groups=list_of(group)
    )


def metric_answer(metric: str, question: Question) -> dict[str, Any]:
    """Answer what a metric was in a span of time: groups, each with its buckets."""
    with snapshot():
        selection = Selection.of(question)
        with selection.planned():
            facts = Facts.read(selection)
            now = Groups(metric, selection, Shared(selection, facts))
            before = _before(metric, selection, facts) if question.compare else None
            names = now.names | before.names if before else now.names
            groups = with_levels(
                [
                    (metric, compared(now.group(name), before, name))
                    for name in sorted(names, key=_by_name)
                ]
            )
            qualified = about(selection)
    return {
        "metric": metric,
        "unit": METRICS[metric].unit,
        **qualified,
        "bucket": question.bucket,
        "groups": groups,
    }


def metric_table(metric: str, question: Question) -> Table:
    """Return one row per group and bucket; what follows the unit is of the group."""
    answer = metric_answer(metric, question)
    label = [question.group_by] if question.group_by else []
    of_group = [name for name in value_shape(metric) if name not in ("value", "count")]
    rows = [
        {"metric": metric, "unit": answer["unit"], **bucket}
        | {name: group[name] for name in (*label, *of_group)}
        for group in answer["groups"]
        for bucket in group["buckets"]
    ]
    return ["metric", *label, *BUCKET["required"], "unit", *of_group], rows


def summary_shape() -> Schema:
    """Return the shape of the answer about all metrics."""
    metrics = {
        name: one_of_each(unit=TEXT, **value_shape(name), previous=PREVIOUS) for name in METRICS
    }
    services = list_of(one_of_each(service=TEXT, metrics=one_of_each(**metrics)))
    return one_of_each("Summary", **ABOUT, services=services)


def summary_answer(question: Question) -> dict[str, Any]:
    """Answer the metrics of each service, each beside the span before."""
    with snapshot():
        selection = Selection.of(replace(question, bucket="all", group_by="service"))
        with selection.planned():
            facts = Facts.read(selection)
            require_few_services(len(facts))
            spans = list(
                zip(
                    Groups.of_all(selection, facts).values(),
                    Groups.of_all(selection.before(), facts).values(),
                    strict=True,
                )
            )
            names = sorted({name for span in spans for each in span for name in each.names if name})
            asked = [
                (now.name, compared(now.standing(name), before, name))
                for name in names
                for now, before in spans
            ]
            groups = iter(with_levels(asked))
            qualified = about(selection)
    return {
        **qualified,
        "services": [
            {
                "service": name,
                "metrics": {
                    metric: {"unit": METRICS[metric].unit, **next(groups)} for metric in METRICS
                },
            }
            for name in names
        ],
    }


def summary_table(question: Question) -> Table:
    """Return one row per service and metric, with a column for whatever any metric says."""
    answer = summary_answer(question)
    parts = {part: None for metric in METRICS for part in value_shape(metric) if part not in VALUE}
    rows = [
        {"service": each["service"], "metric": metric, **numbers}
        for each in answer["services"]
        for metric, numbers in each["metrics"].items()
    ]
    return ["service", "metric", "unit", *VALUE, "previous", *parts], rows


def compared(group: Group, before: Groups | None, name: str | None) -> Group:
    """Return a group, beside it what it was in the span before where that is known."""
    return group | {"previous": _previous(group, before, name)} if before else group


def _previous(now: Group, before: Groups, name: str | None) -> Group:
    value, count = before.value(name)
    is_known = now["value"] is not None and value is not None
    return {
        **before.span,
        "value": value,
        "count": count,
        "change": now["value"] - value if is_known else None,
    }


def _before(metric: str, selection: Selection, facts: dict[str | None, Facts]) -> Groups:
    before = selection.before()
    return Groups(metric, before, Shared(before, facts))


def _by_name(name: str | None) -> str:
    return name or ""
