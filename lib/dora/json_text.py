"""JSON as it was written: each value beside its own text, so that no digit of a number is lost."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SPACE = r"[ \t\n\r]*"
# A character of JSON's grammar with the space around it.
AROUND = {each: re.compile(f"{SPACE}{re.escape(each)}{SPACE}") for each in "[]{}:,"}
_decoder = json.JSONDecoder()


class Written(NamedTuple):
    """A JSON value and its text, to the letter."""

    value: Any
    text: str


Members = dict[str, Written]


def decode(body: bytes) -> str:
    """Return the text of JSON in any of the encodings that `json.loads` takes."""
    return body.decode(json.detect_encoding(body), "surrogatepass")


def read_members(text: str) -> Members:
    """Return the members of a JSON object by their names; of two of one name the last.

    Raises:
        ValueError: the text is no JSON object.
        RecursionError: it is nested too deeply.
    """
    members, place = _read_object(text, 0)
    _require_end(text, place)
    return members


def read_objects(text: str) -> Iterator[Members | None]:
    """Return the members of each object in a JSON list; None for what is no object.

    Raises:
        ValueError: the text is no JSON list.
        RecursionError: it is nested too deeply.
    """
    place = _after(text, 0, "[")
    while not text.startswith("]", place):
        if text.startswith("{", place):
            members, place = _read_object(text, place)
            yield members
        else:
            place = _decoder.raw_decode(text, place)[1]
            yield None
        place = _next_item(text, place, "]")
    _require_end(text, _after(text, place, "]"))


def _read_object(text: str, place: int) -> tuple[Members, int]:
    """Return the members of the object at this place, and the place after it."""
    members: Members = {}
    place = _after(text, place, "{")
    while not text.startswith("}", place):
        name, place = _decoder.raw_decode(text, place)
        if not isinstance(name, str):
            raise ValueError("expected the name of a member")  # noqa: TRY004 - of text, not of a type
        start = _after(text, place, ":")
        value, place = _decoder.raw_decode(text, start)
        members[name] = Written(value, text[start:place])
        place = _next_item(text, place, "}")
    return members, place + 1


def _next_item(text: str, place: int, end: str) -> int:
    """Return the place of the next item, or of the end."""
    if match := AROUND[end].match(text, place):
        return text.index(end, place, match.end())
    place = _after(text, place, ",")
    if text.startswith(end, place):
        raise ValueError("expected an item after the comma")
    return place


def _after(text: str, place: int, character: str) -> int:
    """Return the place after this character and the space around it."""
    match = AROUND[character].match(text, place)
    if match is None:
        raise ValueError(f"expected {character} at {place}")
    return match.end()


def _require_end(text: str, place: int) -> None:
    if text[place:].strip(" \t\n\r"):
        raise ValueError("expected nothing after the value")
