"""What is answered about all metrics at once: what a page of them shows, as of one moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dora.database import run_named, snapshot
from dora.questions.about import ABOUT, about
from dora.questions.answers import BUCKET, PREVIOUS, compared, value_shape
from dora.questions.buckets import fitting
from dora.questions.facts import Facts
from dora.questions.groups import Groups
from dora.questions.levels import with_levels
from dora.questions.lists import LISTS, List, page_of
from dora.questions.metrics import METRICS
from dora.questions.question import read_question
from dora.questions.selection import Selection
from dora.questions.shapes import (
    COUNT,
    MAYBE_TEXT,
    MAYBE_TIME,
    TEXT,
    list_of,
    one_of_each,
)
from dora.questions.timeline import HAPPENED, Timeline
from dora.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.datastructures import MultiDict

    from dora.questions.as_csv import Table
    from dora.questions.groups import Group
    from dora.questions.question import Parameter, Question

SERVICES, NEWEST = 10, 5
# What a metric of one service is shown without.
IN_TIME = ("previous", "buckets")
# How many bars a metric has at most, and how many the timeline, unless the question says otherwise.
BARS, SLOTS = 31, 120
PLACES = List(
    "The services that were ever deployed to where is asked about.",
    "endpoints/metrics/query_places",
    {"cursor_name": ("service",)},
    one_of_each(service=TEXT, total=COUNT),
)


def read_overview(arguments: MultiDict[str, str], allowed: Mapping[str, Parameter]) -> Question:
    """Read a question; its buckets are such that there are not many, unless it names them.

    Raises:
        PermanentError: a parameter is unknown, given too often, or its value is not allowed.
    """
    question = read_question(arguments, allowed)
    if "bucket" in arguments:
        return question
    return replace(question, bucket=fitting(question.span, BARS))


def overview_shape() -> dict[str, Any]:
    """Return the shape of the answer."""
    metrics = {
        name: one_of_each(
            unit=TEXT, **value_shape(name), previous=PREVIOUS, buckets=list_of(BUCKET)
        )
        for name in METRICS
    }
    of_service = {name: one_of_each(unit=TEXT, **value_shape(name)) for name in METRICS}
    service = one_of_each(
        service=TEXT,
        team=MAYBE_TEXT,
        metrics=one_of_each(**of_service),
        timeline=list_of(HAPPENED),
    )
    known = {"oneOf": [LISTS["services"].row, {"type": "null"}]}
    return one_of_each(
        "Overview",
        **ABOUT,
        last_event_at=MAYBE_TIME,
        last_cdevent_at=MAYBE_TIME,
        bucket=TEXT,
        metrics=one_of_each(**metrics),
        timeline=one_of_each(bucket=TEXT, buckets=list_of(HAPPENED)),
        deployments=list_of(LISTS["deployments"].row),
        incidents=list_of(LISTS["incidents"].row),
        service=known,
        services_count=COUNT,
        services=list_of(service),
        next=MAYBE_TEXT,
    )


def overview_answer(question: Question) -> dict[str, Any]:
    """Answer all metrics, what happened when, what is newest, and each service of a page.

    Raises:
        PermanentError: the cursor is none that a page before gave.
    """
    with snapshot():
        selection = Selection.of(question)
        places, following = page_of(PLACES, selection, question.limit or SERVICES)
        newest = {name: _newest(name, selection) for name in ("deployments", "incidents")}
        service = _service(selection)
        with selection.planned():
            [last] = run_named("endpoints/metrics/query_last", {})
            metrics = _metrics(selection)
            return {
                **about(selection),
                **{name: rfc3339(at) if at else None for name, at in last.items()},
                "bucket": question.bucket,
                "metrics": metrics,
                "timeline": _timeline(selection),
                **newest,
                "service": service,
                "services_count": places[0]["total"] if places else 0,
                "services": _services(selection, [each["service"] for each in places], metrics),
                "next": following,
            }


def _metrics(selection: Selection) -> dict[str, Group]:
    facts = Facts.read(selection)
    before = Groups.of_all(selection.before(), facts)
    groups = with_levels(
        [
            (name, compared(now.group(None), before[name], None))
            for name, now in Groups.of_all(selection, facts).items()
        ]
    )
    return {
        name: {"unit": METRICS[name].unit, **group}
        for name, group in zip(METRICS, groups, strict=True)
    }


def _timeline(selection: Selection) -> dict[str, Any]:
    bucket = fitting(selection.question.span, SLOTS)
    finer = selection.about(replace(selection.question, bucket=bucket))
    return {"bucket": bucket, "buckets": Timeline.read(finer).of(None)}


def _newest(name: str, selection: Selection) -> list[dict[str, Any]]:
    from_the_end = replace(selection.question, cursor=None)
    return page_of(LISTS[name], replace(selection, question=from_the_end), NEWEST)[0]


def _service(selection: Selection) -> dict[str, Any] | None:
    """Return what is known of the service, where only one is asked about."""
    if selection.services is None or len(selection.services) != 1:
        return None
    from_the_start = replace(selection.question, cursor=None)
    rows, _ = page_of(LISTS["services"], replace(selection, question=from_the_start), 1)
    return rows[0] if rows else None


def _services(
    selection: Selection, names: list[str], metrics: dict[str, Group]
) -> list[dict[str, Any]]:
    """Return each service of a page with its metrics, and what happened to it."""
    if not names:
        return []
    each = replace(selection, services=names)
    timeline = Timeline.read(each.about(replace(each.question, group_by="service")))
    # Where only one is asked about, the metrics of all that is asked about are its own.
    standing = [metrics] if selection.services == names[:1] else _standing(each, names)
    return [
        {
            "service": service,
            "team": selection.owners.teams.get(service),
            "metrics": {
                name: {part: said for part, said in group.items() if part not in IN_TIME}
                for name, group in groups.items()
            },
            "timeline": timeline.of(service),
        }
        for service, groups in zip(names, standing, strict=True)
    ]


def _standing(selection: Selection, names: list[str]) -> Iterator[dict[str, Group]]:
    """Yield the metrics of each service."""
    whole = selection.about(replace(selection.question, group_by="service", bucket="all"))
    metrics = Groups.of_all(whole, Facts.read(whole))
    groups = iter(
        with_levels(
            [(name, each.standing(service)) for service in names for name, each in metrics.items()]
        )
    )
    for _ in names:
        yield {name: {"unit": METRICS[name].unit, **next(groups)} for name in METRICS}


def overview_table(question: Question) -> Table:
    """Return one row per metric and bucket; what follows the unit is of the metric."""
    answer = overview_answer(question)
    parts = {name: None for metric in METRICS for name in value_shape(metric)}
    of_metric = [name for name in parts if name not in ("value", "count")]
    rows = [
        {"metric": metric, **bucket, "unit": group["unit"]}
        | {name: group.get(name) for name in of_metric}
        for metric, group in answer["metrics"].items()
        for bucket in group["buckets"]
    ]
    return ["metric", *BUCKET["required"], "unit", *of_metric], rows
