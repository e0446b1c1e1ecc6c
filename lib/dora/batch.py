"""Many CloudEvents in one request, for histories: each is checked as if it came by itself.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#33-batched-content-mode
"""

from __future__ import annotations

import functools
import json
import threading
from typing import TYPE_CHECKING, Any

from dora.errors import NoCloudEventError, PermanentError
from dora.events import Event, event_of, require_rules
from dora.function import answering
from dora.json_text import Members, decode, read_objects
from dora.limits import event_limit, is_batch, too_large
from dora.ways import without_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dora.context import Context
    from dora.function import Answer

    Check = Callable[[Event], str]
    Keep = Callable[[Iterable[str]], object]

MAX_EVENTS = 1000
# A batch takes many times its size while it is read, so a process reads one after the other.
_one_at_a_time = threading.Lock()


def lines(contents: Iterable[str]) -> str:
    """Return JSON values one a line; in JSON, a line break is never part of a value."""
    return "\n".join(content.replace("\n", " ") for content in contents)


def or_batch(
    check: Check, keep: Keep
) -> Callable[[Callable[[Context], Answer]], Callable[[Context], Answer]]:
    """Let a function that keeps single events take batches too.

    Args:
        check: gives what is kept of an event; raises PermanentError for one that is refused.
        keep: keeps what was given of many events, all or none of them.
    """

    def decorate(single: Callable[[Context], Answer]) -> Callable[[Context], Answer]:
        @answering
        @functools.wraps(single)
        def main(context: Context) -> Answer:
            if not is_batch(context.request.content_type or ""):
                return single(context)
            with _one_at_a_time:
                return _take(context.request.get_data(cache=False), check, keep)

        return main

    return decorate


class _Batch:
    """What came of the events of a request."""

    def __init__(self) -> None:
        self.names: list[dict[str, Any]] = []
        self.contents: dict[int, str] = {}
        self.refused: dict[int, str] = {}

    def answer(self) -> Answer:
        """Return how many events were kept, and which were not."""
        refused = [
            {"index": index, **self.names[index], "reason": self.refused[index]}
            for index in sorted(self.refused)
        ]
        answer = {"kept": len(self.names) - len(refused), "refused": refused}
        return json.dumps(answer), 200, {"content-type": "application/json"}

    def check(self, events: Iterable[Members | None], check: Check) -> None:
        """Check each event; of what is kept, no more than its text stays in memory."""
        for index, members in enumerate(events):
            if index == MAX_EVENTS:
                raise _wrong("more")
            self.names.append(_names(members or {}))
            try:
                self.contents[index] = check(_event(members))
            except PermanentError as error:
                self.refused[index] = str(error)
        if not self.names:
            raise _wrong("none")

    def keep(self, keep: Keep) -> None:
        """Keep all that were not refused."""
        try:
            if self.contents:
                keep(self.contents.values())
        except PermanentError:
            # The database refuses one of them and does not say which.
            for index, content in self.contents.items():
                self._keep_one(index, content, keep)

    def _keep_one(self, index: int, content: str, keep: Keep) -> None:
        try:
            keep([content])
        except PermanentError as error:
            self.refused[index] = str(error)


def _take(body: bytes, check: Check, keep: Keep) -> Answer:
    batch = _Batch()
    try:
        batch.check(read_objects(decode(body)), check)
    except (ValueError, RecursionError):
        raise NoCloudEventError("expected a JSON list of CloudEvents, got something else") from None
    batch.keep(keep)
    return batch.answer()


def _wrong(count: str) -> NoCloudEventError:
    return NoCloudEventError(f"expected 1 to {MAX_EVENTS} CloudEvents, got {count}")


def _names(members: Members) -> dict[str, Any]:
    return {name: members[name].value if name in members else None for name in ("id", "source")}


def _event(members: Members | None) -> Event:
    """Return the event as it would be if it had come by itself."""
    if members is None:
        raise NoCloudEventError("expected a CloudEvent 1.0, got no JSON object")
    # As characters first: what is far too large is not copied to be measured.
    size = sum(len(member.text) for member in members.values())
    if size <= event_limit():
        size = sum(len(member.text.encode(errors="replace")) for member in members.values())
    if sentence := too_large(size, event_limit()):
        raise PermanentError(sentence)
    return without_marks(require_rules(event_of(members)))
