"""What can be asked of the metrics endpoint: one table of paths, of which all else is made."""

from __future__ import annotations

from functools import partial
from typing import Any

from dora.questions import answers, lists, openapi, tutorial
from dora.questions.metrics import METRICS
from dora.questions.question import (
    FILTERS,
    LIST,
    METRIC,
    SUMMARY,
    Question,
    read_question_of_all_time,
)
from dora.questions.route import Route
from dora.questions.shapes import ANYTHING, TEXT, by_name, one_of_each


def overview(_question: Question) -> dict[str, Any]:
    """Answer what each path answers."""
    return {"paths": {path: route.says for path, route in ROUTES.items()}}


def description(_question: Question) -> dict[str, Any]:
    """Answer all of this in OpenAPI."""
    return openapi.describe(ROUTES)


def metrics(_question: Question) -> dict[str, Any]:
    """Answer which metrics there are, and the parameters of a question about one."""
    return {
        "metrics": {
            name: {"unit": metric.unit, "path": f"/metrics/{name}"}
            for name, metric in METRICS.items()
        },
        "parameters": {name: parameter.says for name, parameter in METRIC.items()},
    }


TEXTS = by_name(TEXT)
OVERVIEW = one_of_each("Overview", paths=TEXTS)
LISTED = one_of_each(
    "Metrics", metrics=by_name(one_of_each(unit=TEXT, path=TEXT)), parameters=TEXTS
)


def routes() -> dict[str, Route]:
    """Return each path with its route."""
    return {
        "/": Route("Which paths there are.", {}, OVERVIEW, overview),
        "/openapi.json": Route("All of this in OpenAPI 3.1.", {}, ANYTHING, description),
        "/metrics": Route("Which metrics there are.", {}, LISTED, metrics),
        **{f"/metrics/{name}": _metric(name) for name in METRICS},
        "/summary": Route(
            "The metrics of each service, each beside the span before.",
            SUMMARY,
            answers.summary_shape(),
            answers.summary_answer,
            answers.summary_table,
        ),
        **{f"/{name}": _list(name) for name in lists.LISTS},
        "/deploy-frequency": Route(
            "How often each service is deployed, in the words of the tutorial.",
            FILTERS,
            tutorial.FREQUENCIES,
            tutorial.frequency_answer,
        ),
        **{f"/deploy-frequency/{bucket}": _volume(bucket) for bucket in tutorial.BUCKETS},
    }


def _metric(name: str) -> Route:
    return Route(
        METRICS[name].says,
        METRIC,
        answers.metric_shape(name),
        partial(answers.metric_answer, name),
        answers.metric_table,
    )


def _list(name: str) -> Route:
    return Route(
        lists.LISTS[name].says,
        LIST,
        lists.list_shape(name),
        partial(lists.list_answer, name),
        partial(lists.list_table, name),
    )


def _volume(bucket: str) -> Route:
    return Route(
        f"How many deployments each service had in each {bucket} that has any.",
        FILTERS,
        tutorial.VOLUMES,
        partial(tutorial.volume_answer, bucket),
        read=read_question_of_all_time,
    )


ROUTES = routes()
