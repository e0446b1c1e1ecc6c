"""The description of the metrics endpoint in OpenAPI, made of what it reads and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.questions.question import CHOICES, FILTERS, QUESTION, REPEATABLE, TIERS
from dora.questions.shapes import (
    FREQUENCIES,
    VOLUMES,
    evidence_shape,
    metric_shape,
    one_of_each,
    summary_shape,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

VERSION = "3.1.0"
NAME = {"type": "string", "minLength": 1, "pattern": r"^[^\u0000]+$"}
TIME = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
ANYTHING = {"type": "object"}
ERROR = one_of_each(error={"type": "string"})
BUCKETS = ("day", "week", "month", "year")


def openapi(metrics: Collection[str], lists: Mapping[str, Any]) -> dict[str, Any]:
    """Describe every path: its parameters, its answer, its errors."""
    summary = {name: QUESTION[name] for name in ("from", "to", *REPEATABLE, "format")}
    paths = {
        "/": _path("Say what there is.", {}, ANYTHING),
        "/openapi.json": _path("Describe all of this.", {}, ANYTHING),
        "/metrics": _path("List the metrics.", {}, ANYTHING),
        "/summary": _path(
            "Tell the five metrics of each service.", summary, summary_shape(metrics)
        ),
        "/deploy-frequency": _path(
            "Tell how often each service is deployed.", FILTERS, FREQUENCIES, repeat=()
        ),
    }
    for name in metrics:
        paths[f"/metrics/{name}"] = _path(f"Tell the {name}.", QUESTION, metric_shape(name))
    for name, evidence in lists.items():
        paths[f"/{name}"] = _path(evidence.says, evidence.parameters, evidence_shape(name))
    for bucket in BUCKETS:
        paths[f"/deploy-frequency/{bucket}"] = _path(
            f"Count deployments by {bucket}.", FILTERS, VOLUMES, repeat=()
        )
    info = {"title": "dora-cloudevents metrics", "version": "1"}
    return {"openapi": VERSION, "info": info, "paths": paths}


def _path(
    says: str,
    parameters: Mapping[str, str],
    answer: dict[str, Any],
    repeat: tuple[str, ...] = REPEATABLE,
) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}}
    if "format" in parameters:
        content["text/csv"] = {"schema": {"type": "string"}}
    error = {"content": {"application/json": {"schema": ERROR}}}
    return {
        "get": {
            "summary": says,
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "description": description,
                    "schema": _schema(name, repeat),
                }
                for name, description in parameters.items()
            ],
            "responses": {
                "200": {"description": "the answer", "content": content},
                "400": {"description": "a parameter is wrong", **error},
                "503": {"description": "the database is away", **error},
            },
        }
    }


def _schema(name: str, repeat: tuple[str, ...]) -> dict[str, Any]:
    if name in CHOICES:
        return {"type": "string", "enum": list(CHOICES[name])}
    if name == "limit":
        return {"type": "integer", "minimum": 1, "maximum": 1000}
    one = {"enum": list(TIERS)} if name == "tier" else TIME if name in ("from", "to") else NAME
    return {"type": "array", "items": one} if name in repeat else one
