"""The answers of the tutorial, in its own form: every environment, one object a service.

https://dora.dev/guides/dora-metrics/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.database import run_named
from dora.questions.shapes import COUNT, TEXT, TIME, list_of, one_of_each

if TYPE_CHECKING:
    from dora.questions.question import Question

BUCKETS = ("day", "week", "month", "year")
VOLUMES = list_of(
    one_of_each("Volume", DeployName=TEXT, Deployments={"type": "integer", "minimum": 1}, Time=TIME)
)
FREQUENCIES = list_of(
    one_of_each(
        "Frequency",
        DeployName=TEXT,
        Deployments=COUNT,
        DaysWithDeployments=COUNT,
        WeeksWithDeployments=COUNT,
        MonthsWithDeployments=COUNT,
        Frequency={"enum": ["daily", "weekly", "monthly", "yearly"]},
    )
)


def volume_answer(bucket: str, question: Question) -> list[dict[str, Any]]:
    """Answer how many deployments each service had in each bucket that has any."""
    return run_named(
        "metrics/deployment-frequency/query_volume", _parameters(question) | {"bucket": bucket}
    )


def frequency_answer(question: Question) -> list[dict[str, Any]]:
    """Answer how often each service is deployed."""
    grouped = {"group_by": "service", "teams": "{}", "exceptions": None}
    rows = run_named("metrics/deployment-frequency/query_bands", _parameters(question) | grouped)
    return [
        {
            "DeployName": row["group_name"],
            "Deployments": row["deployments"],
            "DaysWithDeployments": row["days_with_deployments"],
            "WeeksWithDeployments": row["weeks_with_deployments"],
            "MonthsWithDeployments": row["months_with_deployments"],
            "Frequency": row["frequency"],
        }
        for row in rows
    ]


def _parameters(question: Question) -> dict[str, Any]:
    return {
        "from": question.start.isoformat(),
        "to": question.end.isoformat(),
        "services": question.filters.get("service"),
        "environments": question.filters.get("environment"),
    }
