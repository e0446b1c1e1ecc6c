"""What schemathesis cannot know: why a question whose parts are all as described may be refused."""

from __future__ import annotations

from typing import Any

import schemathesis

BEYOND_THE_DESCRIPTION = (
    "expected from to be before to",
    "expected from to be in the years",
    "expected to to be in the years",
    "expected a span of at most",
    "expected cursor to be next of a page before",
)


@schemathesis.check
def a_question_as_described_is_answered(
    _context: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    if case.meta and case.meta.generation.mode.is_positive and response.status_code != 200:
        error = response.json()["error"]
        assert error.startswith(BEYOND_THE_DESCRIPTION), error
