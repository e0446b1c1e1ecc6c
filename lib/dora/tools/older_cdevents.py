"""CDEvents of older releases in the form of the newest.

What changed between the releases is in https://github.com/cdevents/spec/releases: `version` became
`specversion`, `subject.type` went, `url` became `uri`, and the outcomes pass and fail are called
success and failure.
"""

from __future__ import annotations

from typing import Any

from dora.cdevents.schemas import CUSTOM_PREFIX
from dora.cdevents.types import SPEC_VERSION, newest
from dora.errors import PermanentError
from dora.tools.payloads import fields, text

OUTCOMES = {"pass": "success", "fail": "failure"}


def renewed(event: Any) -> dict[str, Any]:
    """Return the same event in the newest release; one that is of that release stays as it is.

    Raises:
        PermanentError: it is no CDEvent, or of a type that the newest release does not know.
    """
    told = text(event, "context", "type")
    context = {name: value for name, value in fields(event, "context").items() if name != "version"}
    subject = {name: value for name, value in fields(event, "subject").items() if name != "type"}
    return {
        **event,
        "context": context | {"specversion": SPEC_VERSION, "type": _newest_type(told)},
        "subject": subject | {"content": _content(fields(subject, "content"))},
    }


def _newest_type(told: str) -> str:
    if told.startswith(CUSTOM_PREFIX):
        return told
    try:
        return newest(".".join(told.removeprefix("dev.cdevents.").split(".")[:2]))
    except KeyError:
        raise PermanentError(
            f"{told!r:.80} is not a CDEvents type that release {SPEC_VERSION} knows"
        ) from None


def _content(content: dict[str, Any]) -> dict[str, Any]:
    made = {("uri" if name == "url" else name): value for name, value in content.items()}
    suite = fields(made, "testSuite")
    if "url" in suite:
        made["testSuite"] = _content(suite)
    outcome = made.get("outcome")
    if isinstance(outcome, str):
        made["outcome"] = OUTCOMES.get(outcome, outcome)
    return made
