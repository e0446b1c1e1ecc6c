"""Turn what a Trigger filters on into a predicate over a CloudEvent's attributes."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Filter = Callable[[Mapping[str, str]], bool]

_NAME = re.compile(r"[a-z][a-z0-9]*")


def trigger_filter(spec: Mapping[str, Any]) -> Filter:
    """Return the predicate of a Trigger's spec; without any filter everything matches.

    Raises:
        ValueError: A filter has a wrong shape or an unknown dialect; the sentence names the field.
    """
    if spec.get("filters"):
        return _all(spec["filters"], "spec.filters")
    content = spec.get("filter") or {"attributes": {}}
    if not isinstance(content, dict) or set(content) != {"attributes"}:
        raise ValueError("spec.filter must hold attributes and nothing else")
    # Only here an empty value stands for any value of an attribute that is there.
    expected = _expected(content["attributes"], "spec.filter.attributes", empty_allowed=True)
    return _comparison(lambda value, wanted: wanted in ("", value), expected)


def _parse(content: Any, field: str) -> Filter:
    if not isinstance(content, dict) or len(content) != 1:
        raise ValueError(f"{field} must be one dialect with its values")
    [(dialect, values)] = content.items()
    if dialect not in _DIALECTS:
        raise ValueError(f"{field} has the dialect {dialect!r}; known are {', '.join(_DIALECTS)}")
    return _DIALECTS[dialect](values, f"{field}.{dialect}")


def _parse_list(contents: Any, field: str) -> list[Filter]:
    if not isinstance(contents, list) or not contents:
        raise ValueError(f"{field} must be a list of filters")
    return [_parse(content, f"{field}[{index}]") for index, content in enumerate(contents)]


def _all(contents: Any, field: str) -> Filter:
    filters = _parse_list(contents, field)
    return lambda attributes: all(matches(attributes) for matches in filters)


def _any(contents: Any, field: str) -> Filter:
    filters = _parse_list(contents, field)
    return lambda attributes: any(matches(attributes) for matches in filters)


def _not(content: Any, field: str) -> Filter:
    matches = _parse(content, field)
    return lambda attributes: not matches(attributes)


def _comparing(matches: Callable[[str, str], bool]) -> Callable[[Any, str], Filter]:
    return lambda values, field: _comparison(matches, _expected(values, field))


def _comparison(matches: Callable[[str, str], bool], expected: Mapping[str, str]) -> Filter:
    return lambda attributes: all(
        name in attributes and matches(attributes[name], value) for name, value in expected.items()
    )


def _expected(values: Any, field: str, *, empty_allowed: bool = False) -> dict[str, str]:
    if not isinstance(values, dict) or not (values or empty_allowed):
        raise ValueError(f"{field} must map attributes to values")
    for name, value in values.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"{field} has {name!r}, which cannot name an attribute")
        if not isinstance(value, str) or not (value or empty_allowed):
            raise ValueError(f"{field}.{name} is {value!r}, not a text with characters in it")
    return values


_DIALECTS: dict[str, Callable[[Any, str], Filter]] = {
    "exact": _comparing(operator.eq),
    "prefix": _comparing(str.startswith),
    "suffix": _comparing(str.endswith),
    "all": _all,
    "any": _any,
    "not": _not,
}
