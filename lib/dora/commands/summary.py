"""Show the five metrics of each service, beside the span before; of 90 days unless --from says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.commands.ask import add_question, answer
from dora.commands.command import Command, tell
from dora.commands.table import show_table
from dora.pages.words import value_in_words
from dora.questions.question import SUMMARY

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

NAMES = ("service", "value", "before", "level")


def _arguments(parser: ArgumentParser) -> None:
    add_question(parser, SUMMARY)


def _summary(given: Namespace) -> int:
    return answer(given, "/summary", "services", SUMMARY, _show)


def _show(found: dict[str, Any]) -> None:
    if found["services"]:
        show_table(NAMES, _rows(found["services"]))
    else:
        tell("nothing was deployed in this time, as far as is known")


def _rows(services: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    for service in services:
        yield (service["service"], *[""] * 3)
        for metric, each in service["metrics"].items():
            yield (
                f"  {metric.replace('-', ' ')}",
                value_in_words(each["unit"], each["value"]),
                value_in_words(each["unit"], each["previous"]["value"]),
                level_of(each),
            )


def level_of(group: dict[str, Any]) -> str:
    """Return the level of a value with the year of its report, else the reason why there is none."""
    if group["level"]:
        return f"{group['level']} ({group['report_year']})"
    return group["reason"] or ""


COMMAND = Command(
    _summary,
    _arguments,
    __doc__,
    """
    dora summary
    dora summary --team store --from P30D
    dora summary --json | jq '.services[].metrics["lead-time-for-changes"].value'
    """,
)
