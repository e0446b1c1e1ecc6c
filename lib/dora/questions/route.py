"""A path that can be asked, and how a question to it is answered: as JSON or as CSV."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.questions.as_csv import Table, as_csv
from dora.questions.question import Question, read_question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from werkzeug.datastructures import Accept, MultiDict

    from dora.questions.question import Parameter
    from dora.questions.shapes import Schema

    Form = Callable[[Question, str], tuple[str | bytes, str]]

JSON = {"content-type": "application/json"}
CSV = {"content-type": "text/csv; charset=utf-8"}
# What is over changes only by what comes late, and by corrections.
KEPT = {"cache-control": "public, max-age=300"}
_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Route(NamedTuple):
    """What a path answers in a sentence, its parameters, the answer's shape, the answer, its table.

    `forms` are other forms of the answer by the media types that ask for them. Each is given the
    question and the Accept header; it returns a body and its content type.
    """

    says: str
    parameters: Mapping[str, Parameter]
    shape: Schema
    answer: Callable[[Question], Any]
    table: Callable[[Question], Table] | None = None
    read: Callable[..., Question] = read_question
    forms: Mapping[str, Form] = {}

    def ask(
        self, arguments: MultiDict[str, str], accept: Accept
    ) -> tuple[str | bytes | Iterator[str], int, dict[str, str]]:
        """Answer a question in the form that is wanted most, with its status and its headers.

        An answer about what is over may be kept for a while; any other is asked for again.

        Raises:
            PermanentError: a parameter is unknown, given too often, or its value is not allowed.
            TemporaryError: the database is away.
        """
        question = self.read(arguments, self.parameters)
        body, headers = self._answered(question, arguments, accept)
        is_over = question.span.end < question.asked_at
        return body, 200, headers | (KEPT if is_over else {})

    def _answered(
        self, question: Question, arguments: MultiDict[str, str], accept: Accept
    ) -> tuple[str | bytes | Iterator[str], dict[str, str]]:
        wanted = self._wanted(accept)
        if self.table and (wanted == "text/csv" or question.format == "csv"):
            return as_csv(self.table(question)), CSV
        if wanted in self.forms and "format" not in arguments:
            body, content_type = self.forms[wanted](question, accept.to_header())
            return body, {"content-type": content_type}
        return as_json(self.answer(question)), JSON

    def _wanted(self, accept: Accept) -> str:
        """Return the media type that is wanted most, of those that there are; anything is JSON."""
        there_are = ("*/*", "application/*", "application/json", "text/csv", *self.forms)
        wanted = (media.partition(";")[0].strip().lower() for media in accept.values())
        return next((media for media in wanted if media in there_are), "application/json")


def as_json(answer: Any) -> str:
    """Return an answer as JSON; of a list, each entry in a line of its own."""
    if isinstance(answer, list):
        return "[" + ", \n ".join(map(_line.encode, answer)) + "]"
    return json.dumps(answer)
