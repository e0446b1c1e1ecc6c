"""Show whether the numbers can be trusted: what is wrong or missing, and the one setting that mends it.

An error makes numbers wrong or late; a warning says what they could say besides. What came of each
source, and how far each metric has followed the log, stands below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.commands.ask import add_question, answer
from dora.commands.command import Command
from dora.commands.lists import COLUMNS
from dora.commands.table import show_table
from dora.commands.terminal import show
from dora.pages.words import count, duration
from dora.questions.question import QUALITY

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

ERROR = "error"
LAGS = ("metric", "behind", "waiting")


def _arguments(parser: ArgumentParser) -> None:
    add_question(parser, QUALITY)


def _quality(given: Namespace) -> int:
    return answer(given, "/quality", "problems", QUALITY, _show)


def _show(found: dict[str, Any]) -> None:
    show_problems(found)
    for names, rows in (
        (list(COLUMNS["sources"]), found["sources"] and _sources(found["sources"])),
        (LAGS, [_lag(metric) for metric in found["metrics"]]),
    ):
        if rows:
            show("")
            show_table(names, rows)


def show_problems(found: dict[str, Any]) -> None:
    """Show each problem with what mends it, and how many there are."""
    for problem in found["problems"]:
        show(f"{problem['severity']}: {problem['what']}")
        show(f"  mend: {problem['mend']}")
    shown = dict.fromkeys(found["counts"], 0) | _counts(found["problems"])
    for kind, total in found["counts"].items():
        if total > shown[kind]:
            show(f"and {total - shown[kind]:,} more of the kind {kind}")
    show(_sum(found["problems"]))


def _counts(problems: list[dict[str, Any]]) -> dict[str, int]:
    kinds = [problem["kind"] for problem in problems]
    return {kind: kinds.count(kind) for kind in kinds}


def _sum(problems: list[dict[str, Any]]) -> str:
    if not problems:
        return "nothing is wrong that is known"
    errors = sum(problem["severity"] == ERROR for problem in problems)
    return f"{count(errors, 'error')}, {count(len(problems) - errors, 'warning')}"


def _sources(sources: list[dict[str, Any]]) -> list[list[Any]]:
    return [[column(each) for column in COLUMNS["sources"].values()] for each in sources]


def _lag(metric: dict[str, Any]) -> tuple[str, str, int]:
    return metric["metric"], duration(metric["lag_seconds"]), metric["waiting"]


COMMAND = Command(
    _quality,
    _arguments,
    __doc__,
    """
    dora quality --from P7D
    dora quality --service shop --csv
    """,
)
