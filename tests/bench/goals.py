"""What is aimed at, beside what was measured, and both as a file for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dora.questions.metrics import METRICS
from tests.bench.arrivals import CHAIN
from tests.bench.keeping import AT_A_TIME, BARE, EACH, OURS, kept
from tests.bench.queries import asked
from tests.bench.starting import TRIVIAL, start_of
from tests.bench.table import HEADINGS, aligned, number
from tests.bench.tutorial import OURS as TUTORIAL_OURS
from tests.bench.tutorial import THEIRS as TUTORIAL_THEIRS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from tests.bench.table import Row

    Rows = dict[str, Row]

BESIDE, MS = "times", "ms"
# Beside each heading of the table what of a row it is, and in which unit.
UNITS = {
    "events/s": ("rate", "events/s"),
    "p50 ms": ("p50", MS),
    "p99 ms": ("p99", MS),
    "answer kB": ("answer", "kB"),
    "RSS MB ready": ("memory when ready", "MB"),
    "RSS MB used": ("memory when used", "MB"),
    "load %": ("the load generator's work", "% of a core"),
}


@dataclass(frozen=True)
class Figure:
    """A number that was measured, and the goal where there is one."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    met: bool | None = None


@dataclass(frozen=True)
class Goal:
    """What a number should be at least or at most."""

    name: str
    unit: str
    value: Callable[[Rows], float]
    at_least: float | None = None
    at_most: float | None = None

    def figure(self, rows: Rows) -> Figure:
        """Return the number, and whether it is as it should be."""
        value = self.value(rows)
        if self.at_least is not None:
            return Figure(
                self.name, value, self.unit, f"≥ {self.at_least:g}", value >= self.at_least
            )
        limit = self.at_most or 0
        return Figure(self.name, value, self.unit, f"≤ {limit:g}", value <= limit)


def goals(rows: Rows) -> list[Figure]:
    """Return what is aimed at with what was measured."""
    return [goal.figure(rows) for goal in (*_keeping(), *_questions(), *_starting(rows))]


def write(file: Path, machine: str, scale: float, rows: Sequence[Row]) -> None:
    """Write each number by its name, and then those that have goals."""
    figures = [*_figures(rows), *goals({row.what: row for row in rows})]
    told = {"machine": machine, "scale": scale, "figures": [vars(each) for each in figures]}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def goals_table(figures: Iterable[Figure]) -> str:
    """Return numbers beside their goals, as aligned text."""
    lines = [
        (each.name, number(each.value), each.unit, each.goal or "", "met" if each.met else "missed")
        for each in figures
    ]
    return aligned([("goal", "measured", "unit", "aimed at", ""), *lines])


def _figures(rows: Iterable[Row]) -> Iterator[Figure]:
    for row in rows:
        cells: dict[str, Any] = dict(zip(HEADINGS, vars(row).values(), strict=True))
        for heading, (measure, unit) in UNITS.items():
            if cells[heading] is not None:
                yield Figure(f"{row.what}: {measure}", cells[heading], unit)


def _keeping() -> Iterator[Goal]:
    for at_a_time in AT_A_TIME:
        one, two = (kept(OURS, processes, at_a_time) for processes in (1, 2))
        bare, each = kept(BARE, 1, at_a_time), kept(EACH, 1, at_a_time)
        for name, ours, other, times in (
            (f"events kept by one process, beside {BARE}", one, bare, 1.0),
            (f"events kept by one process, beside {EACH}", one, each, 6.0),
            (f"events kept by two processes, beside {EACH}", two, each, 9.0),
        ):
            yield Goal(f"{name}, {at_a_time} at a time", BESIDE, _ratio(_rate, ours, other), times)
    at_a_time = max(AT_A_TIME)
    one, each = kept(OURS, 1, at_a_time), kept(EACH, 1, at_a_time)
    yield Goal(
        f"p99 of one process, beside {EACH}, {at_a_time} at a time",
        BESIDE,
        _ratio(_p99, one, each),
        at_most=0.5,
    )
    yield Goal("deployments to all five metrics", "events/s", lambda rows: _rate(rows[CHAIN]), 400)


def _questions() -> Iterator[Goal]:
    paths = {"/summary": 150.0} | {f"/metrics/{metric}": 60.0 for metric in METRICS}
    for path, most in paths.items():
        yield _asked(path, "", most)
    for path in paths:
        yield _asked(path, ", one service", 10)
    yield Goal(
        "each service's deployments a day, how much longer the tutorial's statement takes",
        BESIDE,
        _ratio(_p50, TUTORIAL_THEIRS, TUTORIAL_OURS),
        at_least=100,
    )


def _asked(path: str, which: str, most: float) -> Goal:
    what = asked(path, which)
    return Goal(f"{what}, p99", MS, lambda rows: _p99(rows[what]), at_most=most)


def _starting(rows: Rows) -> Iterator[Goal]:
    started = [what for what in rows if what.startswith(start_of("")) and what != TRIVIAL]
    slowest = max(started, key=lambda what: _p50(rows[what]))
    largest = max(started, key=lambda what: rows[what].rss_ready_mb or 0)
    yield Goal(
        f"slowest {slowest}, beside a trivial parliament function",
        BESIDE,
        _ratio(_p50, slowest, TRIVIAL),
        at_most=1.2,
    )
    yield Goal(
        f"largest memory at {largest}, beside a trivial parliament function",
        BESIDE,
        _ratio(lambda row: row.rss_ready_mb or 0, largest, TRIVIAL),
        at_most=1.5,
    )


def _ratio(of: Callable[[Row], float], one: str, other: str) -> Callable[[Rows], float]:
    return lambda rows: of(rows[one]) / of(rows[other])


def _rate(row: Row) -> float:
    return row.events_per_second or 0


def _p50(row: Row) -> float:
    return row.p50_ms or 0


def _p99(row: Row) -> float:
    return row.p99_ms or 0
