"""Answer GET with the metrics, as JSON or CSV; anyone may curl it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from parliament import Context
from werkzeug.datastructures import MultiDict

from dora.database import one, run_named
from dora.errors import NotFoundError
from dora.function import Answer, on_get
from dora.questions.as_csv import as_table
from dora.questions.catalog import Catalog
from dora.questions.lists import EVIDENCE, evidence_answer
from dora.questions.metrics import METRICS, metric_answer, summary_answer
from dora.questions.openapi import openapi
from dora.questions.question import FILTERS, QUESTION, Question, read_parameters, read_question
from dora.questions.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKETS = ("day", "week", "month", "year")
Arguments = MultiDict[str, str]
SUMMARY = {name: said for name, said in QUESTION.items() if name not in ("bucket", "compare")}
SUMMARY.pop("group_by")


@on_get
def main(context: Context) -> Answer | str:
    """Answer by the path."""
    path, arguments = context.request.path, context.request.args
    if path not in ROUTES:
        raise NotFoundError(f"expected one of the paths {', '.join(ROUTES)}, got {path!r:.80}")
    answer = ROUTES[path](arguments)
    wants_csv = context.request.accept_mimetypes.best == "text/csv"
    if isinstance(answer, dict) and (wants_csv or arguments.get("format") == "csv"):
        table = as_table(answer, arguments.get("group_by"))
        return table, 200, {"content-type": "text/csv; charset=utf-8"}
    return answer if isinstance(answer, str) else json.dumps(answer)


def overview(arguments: Arguments) -> str:
    """Say what there is."""
    read_parameters(arguments, {})
    return json.dumps(
        {"paths": {path: handler.__doc__ for path, handler in ROUTES.items()}}, indent=2
    )


def description(arguments: Arguments) -> str:
    """Describe all of this in OpenAPI 3.1."""
    read_parameters(arguments, {})
    return json.dumps(openapi(METRICS, EVIDENCE), indent=2)


def metrics(arguments: Arguments) -> str:
    """List the metrics."""
    read_parameters(arguments, {})
    listed = {
        name: {"unit": metric.unit, "path": f"/metrics/{name}"} for name, metric in METRICS.items()
    }
    return json.dumps({"metrics": listed, "parameters": QUESTION}, indent=2)


def summary(arguments: Arguments) -> dict[str, Any]:
    """Tell the five metrics of each service, each beside the span before."""
    return summary_answer(read_question(arguments, SUMMARY))


def metric(name: str) -> Callable[[Arguments], dict[str, Any]]:
    """Make the answer of one metric."""

    def answer(arguments: Arguments) -> dict[str, Any]:
        return metric_answer(name, read_question(arguments, QUESTION))

    answer.__doc__ = f"Tell the {name.replace('-', ' ')} in a span of time."
    return answer


def evidence(name: str) -> Callable[[Arguments], dict[str, Any]]:
    """Make the list of what is behind the numbers."""

    def answer(arguments: Arguments) -> dict[str, Any]:
        return evidence_answer(name, read_question(arguments, EVIDENCE[name].parameters))

    answer.__doc__ = EVIDENCE[name].says
    return answer


def volume(bucket: str) -> Callable[[Arguments], str]:
    """Make the tutorial's answer."""

    def answer(arguments: Arguments) -> str:
        filters = read_parameters(arguments, FILTERS)
        text: str = one("metrics/deployment-frequency/query_volume", bucket=bucket, **filters)
        return text

    answer.__doc__ = f"Count the deployments of each service by {bucket}."
    return answer


def frequency(arguments: Arguments) -> str:
    """Tell how often each service is deployed, in the last 90 days."""
    read_parameters(arguments, FILTERS)
    asked = read_question(arguments, FILTERS)
    rows = run_named("metrics/deployment-frequency/query_bands", _every_tier(asked))
    return json.dumps(
        [
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
    )


def _every_tier(question: Question) -> dict[str, Any]:
    parameters = Selection(question, Catalog()).parameters
    return parameters | {
        "environments": question.filters.get("environment"),
        "group_by": "service",
    }


ROUTES: dict[str, Callable[[Arguments], Any]] = {
    "/": overview,
    "/openapi.json": description,
    "/metrics": metrics,
    **{f"/metrics/{name}": metric(name) for name in METRICS},
    "/summary": summary,
    **{f"/{name}": evidence(name) for name in EVIDENCE},
    "/deploy-frequency": frequency,
    **{f"/deploy-frequency/{bucket}": volume(bucket) for bucket in BUCKETS},
}
