"""The description of the metrics endpoint in OpenAPI, made of its table of routes.

https://spec.openapis.org/oas/v3.1.1.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dora.questions.buckets import MAX_BUCKETS
from dora.questions.metrics import METRICS
from dora.questions.question import BADGE, FIRST_YEAR, LAST_YEAR, NO_START, NO_ZONE
from dora.questions.shapes import COUNT, ERROR, TEXT, one_of_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dora.questions.question import Parameter
    from dora.questions.route import Route
    from dora.questions.shapes import Schema

VERSION = "3.1.0"
BAD_QUESTION = "A parameter is wrong; the error says what was expected. \
A question whose parameters all fit their schemas may be wrong, too: the examples are all such errors."
ERRORS = {
    "400": ("BadQuestion", BAD_QUESTION),
    "404": ("NotFound", "There is none of this name, or of this source and id."),
    "503": ("Unavailable", "The database or the catalog is away; ask again."),
}
# What no schema of one parameter can say, by what is wrong.
YEARS = f"to be in the years {FIRST_YEAR} to {LAST_YEAR}, got {LAST_YEAR + 1}"
BEYOND_THE_SCHEMAS = {
    "the end is not after the begin": "expected from to be before to, got from 2026-02-01T00:00:00Z \
and to 2026-01-01T00:00:00Z",
    "the begin is out of range": f"expected from {YEARS}",
    "the end is out of range": f"expected to {YEARS}",
    "the span has too many buckets": f"expected a span of at most {MAX_BUCKETS} buckets, \
got one of {MAX_BUCKETS + 1}; ask for a shorter span or larger buckets",
    "there is no such time zone": f"{NO_ZONE}, got 'Europe/Nowhere'",
    "the begin is too long ago": f"{NO_START}, got 'P9999Y'",
    "the page is none of this list": "expected cursor to be next of a page before, got 'x'",
}
# https://shields.io/badges/endpoint-badge
SHIELD = one_of_each(
    "Shield", schemaVersion=COUNT, label=TEXT, message=TEXT, color=TEXT, cacheSeconds=COUNT
)
BADGED = {
    "name": "metric",
    "in": "path",
    "description": "which metric",
    "required": True,
    "schema": {"type": "string", "enum": list(METRICS)},
}


def describe(routes: Mapping[str, Route]) -> dict[str, Any]:
    """Describe every path and the badges: their parameters, their answers, their errors."""
    schemas: dict[str, Schema] = {}
    responses: dict[str, Any] = {
        name: {"description": says, "content": _content(ERROR, schemas)}
        for name, says in ERRORS.values()
    }
    responses["BadQuestion"]["content"]["application/json"]["examples"] = {
        what.replace(" ", "-"): {"summary": what, "value": {"error": error}}
        for what, error in BEYOND_THE_SCHEMAS.items()
    }
    paths = {path: {"get": _operation(path, route, schemas)} for path, route in routes.items()}
    paths |= {path: {"get": badge} for path, badge in _badges(schemas).items()}
    return {
        "openapi": VERSION,
        "info": {"title": "dora-cloudevents metrics", "version": "1"},
        # Relative to the place where this description was found.
        "servers": [{"url": "."}],
        "paths": paths,
        "components": {"schemas": schemas, "responses": responses},
    }


def _operation(path: str, route: Route, schemas: dict[str, Schema]) -> dict[str, Any]:
    content = _content(route.shape, schemas)
    texts = (*(["text/csv"] if route.table else []), *route.forms)
    content |= {media: {"schema": {"type": "string"}} for media in texts}
    is_of_one = any(one.is_required for one in route.parameters.values())
    return {
        "operationId": operation_id(path),
        "summary": route.says,
        "parameters": [_parameter(name, one) for name, one in route.parameters.items()],
        "responses": {
            "200": {"description": route.says, "content": content},
            **_errors(is_of_one=is_of_one),
        },
    }


def _errors(*, is_of_one: bool) -> dict[str, Any]:
    return {
        status: {"$ref": f"#/components/responses/{name}"}
        for status, (name, _) in ERRORS.items()
        if is_of_one or status != "404"
    }


def _badges(schemas: dict[str, Schema]) -> dict[str, Any]:
    shapes = {
        ("svg", "badgePicture", "A metric's value as a picture."): {
            "image/svg+xml": {"schema": {"type": "string"}}
        },
        ("json", "badge", "A metric's value as what shields.io makes a badge of."): _content(
            SHIELD, schemas
        ),
    }
    parameters = [BADGED, *(_parameter(name, one) for name, one in BADGE.items())]
    return {
        f"/badge/{{metric}}.{form}": {
            "operationId": identity,
            "summary": says,
            "parameters": parameters,
            "responses": {
                "200": {"description": says, "content": content},
                **_errors(is_of_one=True),
            },
        }
        for (form, identity, says), content in shapes.items()
    }


def operation_id(path: str) -> str:
    """Return the name that a client made of the description calls a path by: its words."""
    words: list[str] = re.findall(r"[a-z]+", path.removesuffix(".json")) or ["paths"]
    return words[0] + "".join(map(str.capitalize, words[1:]))


def _parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    one = parameter.schema
    return {
        "name": name,
        "in": "query",
        "description": parameter.says,
        "required": parameter.is_required,
        "schema": {"type": "array", "items": one} if parameter.may_repeat else one,
    }


def _content(shape: Schema, schemas: dict[str, Schema]) -> dict[str, Any]:
    return {"application/json": {"schema": _referring(shape, schemas)}}


def _referring(shape: Any, schemas: dict[str, Schema]) -> Any:
    """Return the shape with a reference in place of what has a title, which goes to the schemas."""
    if isinstance(shape, list):
        return [_referring(part, schemas) for part in shape]
    if not isinstance(shape, dict):
        return shape
    whole = {name: _referring(part, schemas) for name, part in shape.items() if name != "title"}
    if not isinstance(title := shape.get("title"), str):
        return whole
    if schemas.setdefault(title, whole) != whole:
        raise ValueError(f"expected one shape called {title}, got two")
    return {"$ref": f"#/components/schemas/{title}"}
