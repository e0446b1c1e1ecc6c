"""The answers of the tutorial, in its own form: every environment, one object a service.

https://dora.dev/guides/dora-metrics/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dora.database import run_named
from dora.questions.answers import metric_answer
from dora.questions.buckets import MAX_ROWS, require_few_rows
from dora.questions.question import TIERS
from dora.questions.shapes import COUNT, MAYBE_TEXT, TEXT, TIME, list_of, one_of_each

if TYPE_CHECKING:
    from dora.questions.as_csv import Table
    from dora.questions.question import Question

BUCKETS = ("day", "week", "month", "year")
VOLUME = one_of_each(
    "Volume", DeployName=TEXT, Deployments={"type": "integer", "minimum": 1}, Time=TIME
)
FREQUENCY = one_of_each("Frequency", DeployName=TEXT, Deployments=COUNT, Frequency=MAYBE_TEXT)
VOLUMES, FREQUENCIES = list_of(VOLUME), list_of(FREQUENCY)


def volume_answer(bucket: str, question: Question) -> list[dict[str, Any]]:
    """Answer how many deployments each service had in each bucket that has any."""
    rows = run_named(
        "metrics/deployment-frequency/query_volume",
        {
            "most": MAX_ROWS + 1,
            "from": question.span.start.isoformat(),
            "to": question.span.end.isoformat(),
            "bucket": bucket,
            "services": question.filters.get("service"),
            "environments": question.filters.get("environment"),
        },
    )
    require_few_rows(len(rows))
    return rows


def frequency_answer(question: Question) -> list[dict[str, Any]]:
    """Answer how often each service is deployed: in the words of the metric's levels."""
    filters = {"tier": list(TIERS), **question.filters}
    asked = replace(question, bucket="all", group_by="service", filters=filters)
    return [
        {
            "DeployName": group["service"],
            "Deployments": group["count"],
            "Frequency": group["frequency"],
        }
        for group in metric_answer("deployment-frequency", asked)["groups"]
    ]


def volume_table(bucket: str, question: Question) -> Table:
    """Return one row per service and bucket."""
    return VOLUME["required"], volume_answer(bucket, question)


def frequency_table(question: Question) -> Table:
    """Return one row per service."""
    return FREQUENCY["required"], frequency_answer(question)
