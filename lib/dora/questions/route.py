"""A path that can be asked, and how a question to it is answered: as JSON or as CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.questions.as_csv import Table, as_csv
from dora.questions.question import Question, read_question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from werkzeug.datastructures import MultiDict

    from dora.questions.question import Parameter
    from dora.questions.shapes import Schema

JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv; charset=utf-8"}
_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Route(NamedTuple):
    """What a path answers in a sentence, its parameters, the answer's shape, the answer, its table."""

    says: str
    parameters: Mapping[str, Parameter]
    shape: Schema
    answer: Callable[[Question], Any]
    table: Callable[[Question], Table] | None = None
    read: Callable[..., Question] = read_question

    def ask(
        self, arguments: MultiDict[str, str], *, wants_csv: bool
    ) -> tuple[str | Iterator[str], int, dict[str, str]]:
        """Answer a question as text, with its status and its headers.

        Raises:
            PermanentError: a parameter is unknown, given too often, or its value is not allowed.
            TemporaryError: the database is away.
        """
        question = self.read(arguments, self.parameters)
        if self.table and (wants_csv or question.format == "csv"):
            return as_csv(self.table(question)), 200, CSV
        return as_json(self.answer(question)), 200, JSON


def as_json(answer: Any) -> str:
    """Return an answer as JSON; of a list, each entry in a line of its own."""
    if isinstance(answer, list):
        return "[" + ", \n ".join(map(_line.encode, answer)) + "]"
    return json.dumps(answer)
