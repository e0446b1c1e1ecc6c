"""JSON Schemas of CDEvents, made of the facts in `types`, and what they say of an event.

Every schema carries as its description what it expects, in the words of a sentence.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator, ValidationErrorKind

from dora.cdevents.limits import exceeded
from dora.cdevents.types import CUSTOM, OBJECTS, OWN, RELEASES, TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_rs import ValidationError

    from dora.cdevents.types import EventType

CUSTOM_PREFIX = "dev.cdeventsx."
QUOTED = 80

SIMPLE: dict[str, dict[str, Any]] = {
    "string": {"type": "string", "description": "a string"},
    "string+": {"type": "string", "minLength": 1, "description": "a string that is not empty"},
    "uri": {"type": "string", "format": "uri", "description": "an absolute URI"},
    "uri+": {"type": "string", "minLength": 1, "format": "uri", "description": "an absolute URI"},
    "uri-reference+": {
        "type": "string",
        "minLength": 1,
        "format": "uri-reference",
        "description": "a URI or a relative reference",
    },
    "date-time": {"type": "string", "format": "date-time", "description": "a date-time"},
    "boolean": {"type": "boolean", "description": "true or false"},
    "whole-number": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**53 - 1,  # as far as every reader of JSON counts exactly
        "description": f"a whole number from 0 to {2**53 - 1}",
    },
    "count": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**31 - 1,
        "description": f"a whole number from 0 to {2**31 - 1}",
    },
    "number-of-its-tool": {
        "type": ["integer", "string"],
        "minimum": 0,
        "maximum": 2**53 - 1,
        "pattern": "^[0-9]{1,15}$",
        "description": "a whole number, or its digits",
    },
    "custom-type": {
        "type": "string",
        "pattern": r"^dev\.cdeventsx\.[a-zA-Z0-9]+-[a-zA-Z]+\.[a-zA-Z]+\.[0-9]\.[0-9]\.[0-9]$",
        "description": "dev.cdeventsx.<tool>-<subject>.<predicate>.<version>",
    },
    "custom-subject": {
        "type": "string",
        "pattern": r"^[a-zA-Z0-9]+-[a-zA-Z]+$",
        "description": "<tool>-<subject>",
    },
}


def schema_for(event_type: str) -> dict[str, Any] | None:
    """Make the JSON Schema (draft 2020-12) of a type of CDEvents; None for an unknown type.

    https://github.com/cdevents/spec/tree/v0.5.1/schemas, and our own `customData.dora`. The schemas
    of custom events are those of the "types" `version` (0.4.1) and `specversion` (0.5.1).
    """
    found = _find(event_type)
    return _event(found) if found else None


def _find(key: str) -> EventType | None:
    return TYPES.get(key) or CUSTOM.get(key) or OWN.get(key)


def _event(event_type: EventType) -> dict[str, Any]:
    subject = _object(event_type.subject)
    subject["properties"]["content"] = _object(event_type.content)
    subject["required"].append("content")
    event = _object("context*: anything, subject*: anything, customDataContentType: string")
    event["properties"] |= {
        "context": _object(event_type.context),
        "subject": subject,
        "customData": {
            "type": ["object", "string"],
            "properties": {"dora": _schema("dora")},
            "description": "an object or a string",
        },
    }
    return event


def _object(fields: str) -> dict[str, Any]:
    pairs = [field.split(": ") for field in fields.split(", ") if field not in ("-", "...")]
    required = [name[:-1].split("|") for name, _ in pairs if name.endswith("*")]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            name: _schema(kind) for names, kind in pairs for name in names.rstrip("*").split("|")
        },
        "required": [names[0] for names in required if len(names) == 1],
        "additionalProperties": fields.endswith("..."),
        "description": "an object",
    }
    for names in required:
        if len(names) > 1:
            schema["oneOf"] = [{"required": [name]} for name in names]
            schema["description"] = f"an object with exactly one of {' and '.join(names)}"
    return schema


def _schema(kind: str) -> dict[str, Any]:
    if kind.startswith("="):
        values = kind[1:].split("|")
        return {"type": "string", "enum": values, "description": _in_words(values)}
    if kind.endswith("?"):
        schema = _schema(kind[:-1])
        expected = f"{schema['description']} or null"
        return {**schema, "type": [schema["type"], "null"], "description": expected}
    if kind.startswith("["):
        return {"type": "array", "items": _schema(kind[1:-1]), "description": "a list"}
    if kind == "link":
        links = [_schema(link) for link in ("END", "PATH", "RELATION")]
        return {"anyOf": links, "description": "an END, PATH or RELATION link"}
    return _object(OBJECTS[kind]) if kind in OBJECTS else dict(SIMPLE[kind])


def _in_words(values: Sequence[str]) -> str:
    *others, last = map(repr, values)
    return f"{', '.join(others)} or {last}" if others else last


def problem(event: Any) -> str | None:
    """Say in one sentence why a JSON value is no valid CDEvent; None for one that is valid.

    The sentence names the place by its JSON path, what was expected there and what came. Valid are
    CDEvents of releases 0.3.0, 0.4.1 and 0.5.1, and custom ones of the latter two, within `limits`.
    """
    key = _key(event)
    validator = _validator(key)
    try:
        if not validator.is_valid(event):
            return _sentence(next(validator.iter_errors(event)), key)
    except (ValueError, RecursionError):  # lone surrogates; deeper than the validator follows
        return "the event cannot be read as JSON in UTF-8"
    return exceeded(event) if key else _unknown(event["context"]["type"])


def _key(event: Any) -> str:
    """Return the key of the event's schema in TYPES or CUSTOM; empty for an event of no known type."""
    context = event.get("context") if isinstance(event, dict) else None
    if not isinstance(context, dict) or not isinstance(context.get("type"), str):
        return ""
    event_type: str = context["type"]
    if event_type in OWN:
        return event_type
    if event_type.startswith(CUSTOM_PREFIX):
        return "version" if "version" in context and "specversion" not in context else "specversion"
    return event_type if event_type in TYPES else ""


@cache
def _validator(key: str) -> Draft202012Validator:
    return Draft202012Validator(_schema_of(key), validate_formats=True)


def _schema_of(key: str) -> dict[str, Any]:
    if schema := schema_for(key):
        return schema
    schema = _object("context*: anything, ...")
    schema["properties"]["context"] = _object("type*: string+, ...")
    return schema


def _unknown(event_type: str) -> str:
    *others, last = RELEASES
    return f"{_cut(event_type)} is not a CDEvents type of releases {', '.join(others)} or {last}"


def _sentence(error: ValidationError, key: str) -> str:
    error = _inmost(error)
    place = _path(error.instance_path)
    match error.kind:
        case ValidationErrorKind.Required(property=missing):
            event_type = _find(key)
            name = event_type.name if event_type else "a CDEvent"
            return f"{_path([*error.instance_path, missing])} is required in {name}"
        case ValidationErrorKind.AdditionalProperties(unexpected=[first, *_]):
            return f"{place} has the unexpected field '{_cut(first)}'"
    schema: Any = _schema_of(key)
    for step in error.schema_path[:-1]:
        schema = schema[step]
    return f"{place}: expected {schema['description']}, got {_got(error.instance)}"


def _inmost(error: ValidationError) -> ValidationError:
    """Return what is wrong with a link of its own linkType, if it has one of the three."""
    if isinstance(error.kind, ValidationErrorKind.AnyOf):
        for errors in error.kind.context:
            if not any(isinstance(each.kind, ValidationErrorKind.Enum) for each in errors):
                return errors[0]
    return error


def _path(steps: Sequence[str | int]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.removeprefix(".") or "the event"


def _got(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return f"'{_cut(value)}'" if isinstance(value, str) else json.dumps(value)[:QUOTED]


def _cut(text: str) -> str:
    """Make of any text a short one that can be printed."""
    return repr(text if len(text) <= QUOTED else text[: QUOTED - 1] + "…")[1:-1]
