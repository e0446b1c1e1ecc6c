"""Show what came from each source, what became of it, and what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.commands.ask import add_question, answer
from dora.commands.command import Command, tell
from dora.commands.lists import minute
from dora.commands.table import show_table
from dora.questions.lists import LISTS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

PARAMETERS = LISTS["quality"].parameters
NAMES = ("source", "last", "events", "CDEvents", "refused", "last refusal")


def _arguments(parser: ArgumentParser) -> None:
    add_question(parser, PARAMETERS)


def _quality(given: Namespace) -> int:
    return answer(given, "/quality", PARAMETERS, _show)


def _show(found: dict[str, Any]) -> None:
    if found["quality"]:
        show_table(NAMES, map(_row, found["quality"]))
    else:
        tell("nothing came in this time")


def _row(source: dict[str, Any]) -> tuple[Any, ...]:
    return (
        source["source"],
        minute(source["last_at"]),
        sum(day["events"] for day in source["days"]),
        source["cdevents"],
        source["refusals"],
        source["last_refusal"],
    )


COMMAND = Command(
    _quality,
    _arguments,
    __doc__,
    """
    dora quality --from P7D
    """,
)
