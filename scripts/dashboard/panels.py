"""What is seen: each metric with its level, each over time, and what the numbers are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions
from grafana_foundation_sdk.builders.dashboard import Row
from grafana_foundation_sdk.builders.stat import Panel as Stat
from grafana_foundation_sdk.builders.table import Panel as Table
from grafana_foundation_sdk.builders.timeseries import Panel as Chart
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    ValueMap,
    ValueMappingResult,
)

from dora.questions.metrics import METRICS
from scripts.dashboard import queries

if TYPE_CHECKING:
    from scripts.dashboard.queries import Query

WIDTH = 24
COLOURS = {"elite": "green", "high": "light-green", "medium": "yellow", "low": "orange"}
NOT_KNOWN = "not known"


class Shown(NamedTuple):
    """How a metric is shown: its name, what a number of it is called, its unit and its rules."""

    name: str
    number: str
    unit: str
    rules: str


SHOWN = {
    "deployment-frequency": Shown("Deployment frequency", "a day", "none", "9, 20 and 21"),
    "lead-time-for-changes": Shown("Lead time for changes", "median", "s", "25 to 28"),
    "change-failure-rate": Shown("Change failure rate", "failed", "percentunit", "14, 16 and 19"),
    "failed-deployment-recovery-time": Shown(
        "Failed deployment recovery time", "median", "s", "15, 16 and 19"
    ),
    "deployment-rework-rate": Shown("Deployment rework rate", "rework", "percentunit", "17 and 19"),
}


def value(metric: str, width: int) -> Stat:
    """Return a metric's value with its level, or with the reason why one is not known."""
    shown = SHOWN[metric]
    return (
        Stat()
        .title(shown.name)
        .description(
            f"{METRICS[metric].says} Of the time above, with DORA's level of it, or why there is "
            f"none: docs/metrics.md, rules {shown.rules} and 22."
        )
        .datasource(queries.DATASOURCE)
        .height(6)
        .span(width)
        .unit(shown.unit)
        .no_value(NOT_KNOWN)
        .mappings([_colours()])
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("/.*/"))
        .graph_mode(common.BigValueGraphMode.NONE)
        .color_mode(common.BigValueColorMode.VALUE)
        .text_mode(common.BigValueTextMode.VALUE)
        .with_target(queries.value(metric, shown.number))
    )


def over_time(metric: str) -> Chart:
    """Return a metric by bucket; where nothing is known there is nothing."""
    shown = SHOWN[metric]
    of = "Deployments" if METRICS[metric].is_per_day else shown.name
    return (
        Chart()
        .title(f"{of} by $bucket")
        .description(
            f"{METRICS[metric].says} By when the deployment was, in UTC; weeks begin on Monday. "
            "No bar: nothing was counted, or nobody knows."
        )
        .datasource(queries.DATASOURCE)
        .height(8)
        .span(WIDTH // 2)
        .unit(shown.unit)
        .min(0)
        .no_value(NOT_KNOWN)
        .draw_style(common.GraphDrawStyle.BARS)
        .fill_opacity(40)
        .legend(VizLegendOptions().show_legend(False))
        .with_target(queries.series(metric, of.lower()))
    )


def standing() -> Table:
    """Return what each metric rests on."""
    return _table(
        "Can these numbers be trusted?",
        "How many deployments, changes or recoveries each number rests on, and why a value or a "
        "level is not known (docs/metrics.md, rules 19, 20, 22 and 28).",
        "No metric is known.",
        queries.standing(list(METRICS)),
        8,
    ).span(WIDTH // 2)


def rows() -> list[Row | Table]:
    """Return what the numbers are made of: each row is one deployment or incident."""
    newest = f"The newest {queries.MOST_ROWS}."
    return [
        Row("What the numbers are made of"),
        _table(
            "Failed deployments",
            "Those that an incident belongs to or that a rollback took back (docs/metrics.md, rules "
            f"13 to 15), with what it was and how long it took. {newest}",
            "No deployment of this time failed, as far as is known.",
            queries.deployments("is_failed"),
        ),
        _table(
            "Incidents",
            "Those detected in this time, with the deployment that each belongs to, or why to none "
            f"(docs/metrics.md, rules 12 and 13). {newest}",
            "No incident was reported in this time: none happened, or no source is connected.",
            queries.incidents(),
        ),
        _table(
            "Deployments",
            "All that count (docs/metrics.md, rules 6 to 10), with what became of each. " + newest,
            "Nothing was deployed in this time where is asked about.",
            queries.deployments(),
            12,
        ),
    ]


def _table(title: str, says: str, nothing: str, query: Query, height: int = 9) -> Table:
    return (
        Table()
        .title(title)
        .description(says)
        .datasource(queries.DATASOURCE)
        .height(height)
        .span(WIDTH)
        .no_value(nothing)
        .mappings([_colours()])
        .override_by_name("level", [_coloured()])
        .override_by_name("outcome", [_coloured()])
        .with_target(query)
    )


def _coloured() -> DynamicConfigValue:
    return DynamicConfigValue("custom.cellOptions", {"type": "color-text"})


def _colours() -> ValueMap:
    """Return the colour of each level, and of what went wrong."""
    coloured = COLOURS | {"failed, still open": "red", "failed, recovered": "orange"}
    return ValueMap(
        {
            value: ValueMappingResult(text=value, color=colour, index=place)
            for place, (value, colour) in enumerate(coloured.items())
        },
    )
