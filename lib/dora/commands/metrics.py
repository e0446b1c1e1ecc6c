"""Show metrics over time, each with its value and a bar for each bucket; all five where none is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.commands.ask import add_question, answer, ask, question_of, show_json, tell_about
from dora.commands.command import Command
from dora.commands.summary import level_of
from dora.commands.table import show_table, sparkline
from dora.errors import PermanentError
from dora.pages.words import value_in_words
from dora.questions.metrics import METRICS
from dora.questions.question import METRIC

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

GROUPS = ("service", "environment", "team")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "metric",
        nargs="?",
        choices=[*METRICS],
        metavar="METRIC",
        help=f"one of {', '.join(METRICS)}; else all",
    )
    add_question(parser, METRIC)


def _metrics(given: Namespace) -> int:
    if given.metric:
        return answer(
            given, f"/metrics/{given.metric}", "groups", METRIC, lambda found: _show([found])
        )
    if given.csv:
        raise PermanentError("expected a METRIC for --csv, for each has columns of its own")
    question = question_of(given, METRIC)
    answers = [ask(f"/metrics/{name}", "groups", question) for name in METRICS]
    if given.json:
        show_json(answers)
    else:
        _show(answers)
        tell_about(answers[0])
    return 0


def _show(answers: list[dict[str, Any]]) -> None:
    first = answers[0]
    label = next((name for name in GROUPS if any(name in each for each in first["groups"])), None)
    names = ("metric", *([label] if label else []), "value", f"each {first['bucket']}", "level")
    show_table(names, (row for each in answers for row in _rows(each, label)))


def _rows(answer: dict[str, Any], label: str | None) -> Iterator[tuple[Any, ...]]:
    for number, group in enumerate(answer["groups"]):
        yield (
            "" if number else answer["metric"].replace("-", " "),
            *([group[label]] if label else []),
            value_in_words(answer["unit"], group["value"]),
            sparkline(group["buckets"]),
            level_of(group),
        )


COMMAND = Command(
    _metrics,
    _arguments,
    __doc__,
    """
    dora metrics --service shop
    dora metrics lead-time-for-changes --bucket month --from P1Y --group-by team
    dora metrics change-failure-rate --csv > failures.csv
    """,
)
