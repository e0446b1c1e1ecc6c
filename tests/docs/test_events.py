"""The tables of docs/events.md are what the examples become."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.conftest import FUNCTIONS, load

DOCUMENT = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
EXAMPLES = Path(__file__).parents[1] / "functions"
ROW = re.compile(r"^\| [^|]+ \| (\d[\w-]+) \| ([\w., -]+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str]]:
    """Return function, example and CDEvents of each row."""
    sections = re.split(r"^## ([\w-]+)$", DOCUMENT, flags=re.MULTILINE)[1:]
    return [
        (function, example, kind)
        for function, text in zip(sections[::2], sections[1::2], strict=True)
        for example, kind in ROW.findall(text)
    ]


@pytest.mark.parametrize(("function", "example", "kinds"), rows())
def test_an_example_becomes_what_the_table_says(function: str, example: str, kinds: str) -> None:
    outputs = EXAMPLES / function / "outputs"
    files = [*outputs.glob(f"{example}.json"), *sorted(outputs.glob(f"{example}.*.json"))]

    told = [json.loads(file.read_text())["type"].rsplit(".", 3)[0] for file in files]

    assert told == [_prefixed(kind) for kind in kinds.split(", ") if kind != "none"]


def _prefixed(kind: str) -> str:
    return f"dev.cdeventsx.{kind}" if "-" in kind else f"dev.cdevents.{kind}"


def test_the_table_of_plain_webhooks_has_every_path() -> None:
    section = DOCUMENT.partition("\n## Plain webhooks\n")[2].partition("\n## ")[0]
    paths = re.findall(
        r"`/([\w-]+)`", " ".join(re.findall(r"^\| (`/[^|]+) \|", section, re.MULTILINE))
    )

    assert sorted(paths) == sorted(load(FUNCTIONS["webhooks-endpoint"].folder).SOURCES)


def test_every_example_is_in_a_table() -> None:
    files = {(file.parts[-3], file.stem) for file in EXAMPLES.glob("*/inputs/*.json")}

    assert files == {(function, example) for function, example, _ in rows()}
