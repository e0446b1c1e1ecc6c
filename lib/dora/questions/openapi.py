"""The description of the metrics endpoint in OpenAPI, made of its table of routes.

https://spec.openapis.org/oas/v3.1.1.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dora.questions.shapes import ERROR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dora.questions.question import Parameter
    from dora.questions.route import Route
    from dora.questions.shapes import Schema

VERSION = "3.1.0"
ERRORS = {
    "400": ("BadQuestion", "A parameter is wrong; the error says what was expected."),
    "503": ("Unavailable", "The database or the catalog is away; ask again."),
}


def describe(routes: Mapping[str, Route]) -> dict[str, Any]:
    """Describe every path: its parameters, its answer, its errors."""
    schemas: dict[str, Schema] = {}
    responses = {
        name: {"description": says, "content": _content(ERROR, schemas)}
        for name, says in ERRORS.values()
    }
    paths = {path: {"get": _operation(path, route, schemas)} for path, route in routes.items()}
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
    if route.table:
        content["text/csv"] = {"schema": {"type": "string"}}
    errors = {
        status: {"$ref": f"#/components/responses/{name}"} for status, (name, _) in ERRORS.items()
    }
    return {
        "operationId": operation_id(path),
        "summary": route.says,
        "parameters": [_parameter(name, one) for name, one in route.parameters.items()],
        "responses": {"200": {"description": route.says, "content": content}, **errors},
    }


def operation_id(path: str) -> str:
    """Return the name that a client made of the description calls a path by: its words."""
    words: list[str] = re.findall(r"[a-z]+", path.removesuffix(".json")) or ["overview"]
    return words[0] + "".join(map(str.capitalize, words[1:]))


def _parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    one = parameter.schema
    return {
        "name": name,
        "in": "query",
        "description": parameter.says,
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
