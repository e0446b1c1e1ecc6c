"""Tables and sparklines for a terminal: as wide as it is, without colours where NO_COLOR is set.

What is piped elsewhere is as wide as its content, and without colours.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dora.commands.terminal import plain
from dora.questions.buckets import highest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BARS = "▁▂▃▄▅▆▇█"
NOTHING_KNOWN = "·"
MAX_CHARACTERS = 300
WIDEST = 100_000


def show_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Show rows below the names of their columns; numbers stand at the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console = _console()
    with console.capture() as shown:
        console.print(table)
    for line in shown.get().splitlines():
        print(line.rstrip())  # noqa: T201 - the answer


def sparkline(buckets: Sequence[dict[str, Any]]) -> str:
    """Return a bar for each bucket, from 0 to the highest; a dot where nothing is known."""
    most = highest(buckets) or 1
    return "".join(_bar(bucket["value"], most) for bucket in buckets)


def _bar(value: float | None, most: float) -> str:
    if value is None:
        return NOTHING_KNOWN
    return BARS[round((len(BARS) - 1) * min(1, value / most))]


def _cell(value: Any) -> Text:
    given = "" if value is None else str(value)
    indent = " " * (len(given) - len(given.lstrip(" ")))
    text = plain(" ".join(given.split()))
    cut = f"{text[:MAX_CHARACTERS]}…" if len(text) > MAX_CHARACTERS else text
    return Text(indent + cut, justify="right" if isinstance(value, int | float) else "left")


def _console() -> Console:
    is_terminal, size = sys.stdout.isatty(), shutil.get_terminal_size()
    return Console(
        color_system=None if os.environ.get("NO_COLOR") or not is_terminal else "auto",
        # Rich takes 80 columns for a terminal that calls itself dumb, unless both are said.
        width=size.columns if is_terminal else WIDEST,
        height=size.lines,
        highlight=False,
        markup=False,
        emoji=False,
    )
