"""The description of the metrics endpoint in OpenAPI, made of what it reads and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.parameters import CHOICES, FILTERS, QUESTION, REPEATABLE, TIERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERSION = "3.1.0"
NUMBER = {"type": ["number", "null"]}
TEXT = {"type": "string", "minLength": 1, "pattern": r"^[^\u0000]+$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d"}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "string"}},
}
BUCKETS = ("day", "week", "month", "year")
GROUP = {
    "type": "object",
    "required": ["value", "level", "count", "reason", "buckets"],
    "properties": {
        "value": NUMBER,
        "count": {"type": "integer"},
        "level": {"enum": ["elite", "high", "medium", "low", None]},
        "reason": {"type": ["string", "null"]},
        "buckets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["time", "value", "count"],
                "properties": {
                    "time": {"type": "string", "format": "date-time"},
                    "value": NUMBER,
                    "count": {"type": "integer"},
                },
            },
        },
    },
}
VOLUME = {
    "type": "object",
    "required": ["DeployName", "Deployments", "Time"],
    "additionalProperties": False,
    "properties": {
        "DeployName": {"type": "string"},
        "Deployments": {"type": "integer", "minimum": 1},
        "Time": {"type": "string", "format": "date-time"},
    },
}


def openapi(metrics: Iterable[str], lists: Mapping[str, Any]) -> dict[str, Any]:
    """Describe every path: its parameters, its answer, its errors."""
    paths = {
        "/": _path("Say what there is.", {}, {"type": "object"}),
        "/openapi.json": _path("Describe all of this.", {}, {"type": "object"}),
        "/metrics": _path("List the metrics.", {}, {"type": "object"}),
        "/summary": _path(
            "Tell the five metrics of each service.",
            {name: QUESTION[name] for name in ("from", "to", *REPEATABLE, "format")},
            _object(services=_list({"type": "object"})),
        ),
        "/deploy-frequency": _path(
            "Tell how often each service is deployed.",
            FILTERS,
            _list({"type": "object"}),
            repeat=(),
        ),
    }
    for name in metrics:
        answer = _object(metric={"const": name}, groups=_list(GROUP))
        paths[f"/metrics/{name}"] = _path(f"Tell the {name}.", QUESTION, answer)
    for name, evidence in lists.items():
        answer = _object(**{name: _list({"type": "object"}), "next": {"type": ["string", "null"]}})
        paths[f"/{name}"] = _path(evidence.says, evidence.parameters, answer)
    for bucket in BUCKETS:
        paths[f"/deploy-frequency/{bucket}"] = _path(
            f"Count deployments by {bucket}.", FILTERS, _list(VOLUME), repeat=()
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
    one = {"enum": list(TIERS)} if name == "tier" else TIME if name in ("from", "to") else TEXT
    return {"type": "array", "items": one} if name in repeat else one


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}
