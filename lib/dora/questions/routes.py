"""What can be asked of the metrics endpoint: one table of paths, of which all else is made."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dora.questions import (
    answers,
    chains,
    lists,
    openapi,
    overview,
    prometheus,
    quality,
    tutorial,
)
from dora.questions.metrics import METRICS
from dora.questions.question import (
    FORMAT,
    METRIC,
    ONE,
    OVERVIEW,
    QUALITY,
    SUMMARY,
    TUTORIAL,
    Question,
    read_question_of_all_time,
)
from dora.questions.route import Route
from dora.questions.shapes import ANYTHING, TEXT, by_name, one_of_each

if TYPE_CHECKING:
    from dora.questions.as_csv import Table


def paths(_question: Question) -> dict[str, Any]:
    """Answer what each path answers."""
    return {"paths": {path: route.says for path, route in ROUTES.items()}}


def description(_question: Question) -> dict[str, Any]:
    """Answer all of this in OpenAPI."""
    return openapi.describe(ROUTES)


def paths_table(_question: Question) -> Table:
    """Return one row per path."""
    return ["path", "says"], [{"path": path, "says": route.says} for path, route in ROUTES.items()]


def metrics(_question: Question) -> dict[str, Any]:
    """Answer which metrics there are, and the parameters of a question about one."""
    return {
        "metrics": {
            name: {"says": metric.says, "unit": metric.unit, "path": f"/metrics/{name}"}
            for name, metric in METRICS.items()
        },
        "parameters": {name: parameter.says for name, parameter in METRIC.items()},
    }


def metrics_table(question: Question) -> Table:
    """Return one row per metric."""
    listed = metrics(question)["metrics"]
    rows = [{"metric": name, **says} for name, says in listed.items()]
    return ["metric", *METRIC_LISTED["required"]], rows


TEXTS = by_name(TEXT)
METRIC_LISTED = one_of_each(says=TEXT, unit=TEXT, path=TEXT)
PATHS = one_of_each("Paths", paths=TEXTS)
LISTED = one_of_each("Metrics", metrics=by_name(METRIC_LISTED), parameters=TEXTS)


def routes() -> dict[str, Route]:
    """Return each path with its route."""
    return {
        "/": Route("Which paths there are.", FORMAT, PATHS, paths, paths_table),
        "/openapi.json": Route("All of this in OpenAPI 3.1.", {}, ANYTHING, description),
        "/metrics": Route(
            "Which metrics there are; to Prometheus, their values.",
            FORMAT,
            LISTED,
            metrics,
            metrics_table,
            forms=dict.fromkeys(prometheus.MEDIA_TYPES, prometheus.exposition),
        ),
        **{f"/metrics/{name}": _metric(name) for name in METRICS},
        "/summary": Route(
            "The metrics of each service, each beside the span before.",
            SUMMARY,
            answers.summary_shape(),
            answers.summary_answer,
            answers.summary_table,
        ),
        "/quality": Route(
            "Whether the numbers can be trusted: what is wrong or missing, and what mends it.",
            QUALITY,
            quality.QUALITY,
            quality.quality_answer,
            quality.quality_table,
        ),
        "/overview": Route(
            "All metrics at once, what happened when, what is newest, and each service of a page.",
            OVERVIEW,
            overview.overview_shape(),
            overview.overview_answer,
            overview.overview_table,
            read=overview.read_overview,
        ),
        **{f"/{name}": _list(name) for name in lists.LISTS},
        "/deployment": Route(
            "One deployment: what it shipped, how it was made and rolled out, and what came of it.",
            ONE,
            chains.DEPLOYMENT,
            chains.deployment_answer,
        ),
        "/incident": Route(
            "One incident: when it was open, and which deployment it belongs to.",
            ONE,
            chains.INCIDENT,
            chains.incident_answer,
        ),
        "/deploy-frequency": Route(
            "How often each service is deployed, in the words of the tutorial.",
            TUTORIAL,
            tutorial.FREQUENCIES,
            tutorial.frequency_answer,
            tutorial.frequency_table,
        ),
        **{f"/deploy-frequency/{bucket}": _volume(bucket) for bucket in tutorial.BUCKETS},
    }


def _metric(name: str) -> Route:
    return Route(
        METRICS[name].says,
        METRIC,
        answers.metric_shape(name),
        partial(answers.metric_answer, name),
        partial(answers.metric_table, name),
    )


def _list(name: str) -> Route:
    return Route(
        lists.LISTS[name].says,
        lists.LISTS[name].parameters,
        lists.list_shape(name),
        partial(lists.list_answer, name),
        partial(lists.list_table, name),
    )


def _volume(bucket: str) -> Route:
    return Route(
        f"How many deployments each service had in each {bucket} that has any.",
        TUTORIAL,
        tutorial.VOLUMES,
        partial(tutorial.volume_answer, bucket),
        partial(tutorial.volume_table, bucket),
        read=read_question_of_all_time,
    )


ROUTES = routes()
