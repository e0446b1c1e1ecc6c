"""The words that the shapes of answers are made of, in JSON Schema.

A shape that has a `title` is described once in OpenAPI, under this name.
https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
NAME: Schema = {"type": "string", "minLength": 1, "pattern": r"^[^\u0000]+$"}
NAMES: Schema = {"type": "array", "items": TEXT}
NUMBER: Schema = {"type": ["number", "null"]}
AMOUNT: Schema = {"type": "number", "minimum": 0}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": ["boolean", "null"]}
YES: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
MAYBE_TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
ANYTHING: Schema = {"type": "object"}


def one_of_each(title: str | None = None, /, **properties: Schema) -> Schema:
    """Return the shape of an object that has each of the properties."""
    named = {"title": title} if title else {}
    return {**named, "type": "object", "required": list(properties), "properties": properties}


def list_of(items: Schema) -> Schema:
    """Return the shape of a list."""
    return {"type": "array", "items": items}


def by_name(values: Schema) -> Schema:
    """Return the shape of an object whose members all have one shape."""
    return {"type": "object", "additionalProperties": values}


def nothing(shape: Schema) -> Any:
    """Return what stands for this shape where nothing is known: a count is 0, the rest null."""
    if "properties" in shape:
        return {name: nothing(part) for name, part in shape["properties"].items()}
    return 0 if shape == COUNT else None


SPAN = {"from": TIME, "to": TIME}
FILTERS = by_name(NAMES)
ERROR = one_of_each("Error", error=TEXT)
