"""Check whether the numbers can be trusted, for a pipeline: exit status 1 where something is wrong.

Wrong is what `dora quality` calls an error, which makes numbers wrong or late; with --strict a
warning, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora.commands.ask import add_question, ask, question_of, show_csv, show_json
from dora.commands.command import FAILED, Command
from dora.commands.quality import ERROR, show_problems
from dora.questions.question import QUALITY

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="a warning is wrong, too")
    add_question(parser, QUALITY)


def _check(given: Namespace) -> int:
    question = question_of(given, QUALITY)
    found = ask("/quality", "problems", question)
    if given.json:
        show_json(found)
    elif given.csv:
        show_csv("/quality", question)
    else:
        show_problems(found)
    wrong = [one for one in found["problems"] if given.strict or one["severity"] == ERROR]
    return FAILED if wrong else 0


COMMAND = Command(
    _check,
    _arguments,
    __doc__,
    """
    dora check --from P7D
    dora check --service shop --strict
    """,
)
