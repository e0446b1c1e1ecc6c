"""The table of the chart's README, made of values.yaml: each value, what it is at first, what for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHART = Path(__file__).parents[1] / "charts" / "dora"
TABLE = re.compile(r"(?<=<!-- values -->\n\n).*(?=\n<!-- end -->)", re.DOTALL)
KEY = re.compile(r"( *)([\w.]+):(?: +(.+)|$)")
ITEM = re.compile(r" +- +([^\s:]+)$")


def with_table(readme: str, values: str) -> str:
    """Return the README with the table of these values."""
    rows = [f"| `{name}` | {first} | {said} |" for name, first, said in _rows(values)]
    table = "\n".join(["| value | at first | what it is |", "|---|---|---|", *rows, ""])
    return TABLE.sub(lambda _: table, readme)


def _rows(values: str) -> Iterator[tuple[str, str, str]]:
    """Return the dotted name, the default and the comment of each value that has a comment."""
    path: list[str] = []
    comment: list[str] = []
    lines = values.splitlines()
    for number, line in enumerate(lines):
        if key := KEY.match(line):
            indent, name, said = key.groups()
            path = [*path[: len(indent) // 2], name]
            if comment:
                yield ".".join(path), _first(said, lines[number + 1 :]), " ".join(comment)
        comment = [*comment, line.lstrip("# ")] if line.lstrip().startswith("#") else []


def _first(said: str | None, following: list[str]) -> str:
    """Return a value as it stands, or the list of the lines that follow."""
    if said:
        return f"`{said}`"
    items = []
    for line in following:
        if not (item := ITEM.match(line)):
            break
        items.append(item[1])
    return f"`[{', '.join(items)}]`" if items else ""


def write(chart: Path = CHART) -> None:
    """Bring the README of a chart up to date."""
    readme = chart / "README.md"
    text = readme.read_text()
    wanted = with_table(text, (chart / "values.yaml").read_text())
    if wanted != text:
        readme.write_text(wanted)
