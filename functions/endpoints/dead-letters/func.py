"""Keep all that the Broker could not deliver, with the reason, as rows of dead_letters."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from parliament import Context

from dora.database import run
from dora.errors import PermanentError
from dora.events import as_it_came, broken_rule, header_attributes, read_event, structured
from dora.function import DONE, Answer, answering
from dora.refused import attributes_of, event_in

NOT_IN_TEXT = re.compile("[\0\ud800-\udfff]")  # PostgreSQL's text cannot hold them; json can


@answering
def main(context: Context) -> Answer:
    """Keep what came, whatever it is; answer nothing."""
    try:
        event = read_event(context.request)
        if refused := event_in(
            event
        ):  # what the Broker refused, as the webhooks endpoint reports it
            _keep({**event.get_attributes(), **attributes_of(refused)}, refused, None)
            return DONE
        _keep(event.get_attributes(), structured(event, broken=True), broken_rule(event))
    except PermanentError as error:
        # There is no event in it, or none that the database can hold.
        _keep(header_attributes(context.request), as_it_came(context.request), str(error))
    return DONE


def _keep(attributes: Mapping[str, Any], content: str, wrong: str | None) -> None:
    code = str(attributes.get("knativeerrorcode", ""))
    run(
        "endpoints/dead-letters/insert_dead_letter",
        source=_text(attributes.get("source") or "unknown"),
        id=_text(_id(attributes, content)),
        type=_text(attributes.get("type") or "unknown"),
        content=content,
        destination=_text(attributes.get("knativeerrordest") or "unknown"),
        code=int(code) if code.isdecimal() and len(code) == len("422") else None,
        reason=_text(_reason(attributes) or wrong or "the function gave no reason"),
    )


def _id(attributes: Mapping[str, Any], content: str) -> Any:
    """Return the event's id; what has none, or no source to have one in, is known by its content."""
    if attributes.get("source") and attributes.get("id"):
        return attributes["id"]
    return hashlib.sha256(content.encode(errors="replace")).hexdigest()


def _reason(attributes: Mapping[str, Any]) -> str:
    """Return what the function answered, which the Broker passes on in base64."""
    answer = str(attributes.get("knativeerrordata", ""))
    try:
        return base64.b64decode(answer, validate=True).decode(errors="replace")
    except ValueError:
        return answer


def _text(value: Any) -> str:
    return NOT_IN_TEXT.sub("\ufffd", str(value))
