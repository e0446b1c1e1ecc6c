"""The tables of docs/events.md are what the examples become."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
EXAMPLES = Path(__file__).parents[1] / "functions"
ROW = re.compile(r"^\| [^|]+ \| (\d[\w-]+) \| ([\w., ]+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str]]:
    """Give function, example and CDEvent of each row."""
    sections = re.split(r"^## ([\w-]+)$", DOCUMENT, flags=re.MULTILINE)[1:]
    return [
        (function, example, kind)
        for function, text in zip(sections[::2], sections[1::2], strict=True)
        for example, kind in ROW.findall(text)
    ]


@pytest.mark.parametrize(("function", "example", "kind"), rows())
def test_an_example_becomes_what_the_table_says(function: str, example: str, kind: str) -> None:
    output = EXAMPLES / function / "outputs" / f"{example}.json"

    told = json.loads(output.read_text())["type"] if output.exists() else None

    assert told == (None if kind == "none" else _type_of(told, kind))


def _type_of(told: str | None, kind: str) -> str:
    version = (told or "").rsplit(".", 3)[1:]
    return ".".join(["dev.cdevents", kind, *version])


def test_every_example_is_in_a_table() -> None:
    files = {(file.parts[-3], file.stem) for file in EXAMPLES.glob("*/inputs/*.json")}

    assert files == {(function, example) for function, example, _ in rows()}
