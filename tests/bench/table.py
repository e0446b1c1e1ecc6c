"""The table of what was measured, as aligned text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADINGS = (
    "what",
    "n",
    "events/s",
    "p50 ms",
    "p99 ms",
    "answer kB",
    "RSS MB ready",
    "RSS MB used",
    "load %",
)


@dataclass(frozen=True)
class Row:
    """One measurement; what does not apply to it is None."""

    what: str
    n: int
    events_per_second: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    answer_kb: float | None = None
    rss_ready_mb: float | None = None
    rss_used_mb: float | None = None
    load_percent: float | None = None

    def __str__(self) -> str:
        cells = zip(HEADINGS[1:], list(vars(self).values())[1:], strict=True)
        known = [f"{heading} {number(value)}" for heading, value in cells if value is not None]
        return f"{self.what}: {', '.join(known)}"


def latency_row(what: str, seconds: Sequence[float], answer_bytes: int | None = None) -> Row:
    """Make the row of how long many of the same took."""
    return Row(
        what,
        len(seconds),
        p50_ms=1000 * percentile(seconds, 50),
        p99_ms=1000 * percentile(seconds, 99),
        answer_kb=None if answer_bytes is None else answer_bytes / 1000,
    )


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many per cent of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def table(rows: Sequence[Row]) -> str:
    """Return the rows under their headings, names to the left and numbers to the right."""
    return aligned([HEADINGS, *(tuple(map(number, vars(row).values())) for row in rows)])


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Return lines of cells in columns, the first to the left and the others to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def number(value: str | float | None) -> str:
    """Return a number as people read it; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    return f"{value:.3g}" if value < 10 else f"{value:.1f}" if value < 1000 else f"{value:.0f}"
