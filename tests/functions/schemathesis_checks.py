"""What schemathesis cannot know: why a question whose parts are all as described may be refused."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.check
def a_question_as_described_is_answered_or_its_refusal_is_described(
    _context: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    if (
        case.meta
        and case.meta.generation.mode.is_positive
        and response.status_code not in (200, 404)
    ):
        described = case.operation.schema.raw_schema["components"]["responses"]["BadQuestion"]
        examples = described["content"]["application/json"]["examples"].values()
        expected = {example["value"]["error"].partition(", got ")[0] for example in examples}

        error: str = response.json()["error"]
        assert error.partition(", got ")[0] in expected, error
