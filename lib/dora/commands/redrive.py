"""Send dead letters through the Broker again.

For after what refused them was mended. Each is marked with the time; one that is refused again is
open again, so what is still broken is `select … from dead_letters where is_open`. Only open ones are
sent. A PATTERN is the whole text; * stands for anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.commands.command import (
    FAILED,
    STOPPED,
    Command,
    Progress,
    Stop,
    add_span,
    tell,
)
from dora.commands.resend import Sender, add_sink
from dora.commands.terminal import show
from dora.database import one, run
from dora.errors import PermanentError
from dora.times import read_span

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

PAGE_LETTERS = 20  # a dead letter may have 8 MiB


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", metavar="PATTERN", help="only what was refused with this")
    parser.add_argument("--destination", metavar="PATTERN", help="only what this URL refused")
    parser.add_argument("--type", metavar="PREFIX", help="only types that begin so")
    add_span(parser, what="what was last refused")
    parser.add_argument("--limit", metavar="N", type=int, help="so many at most, the oldest first")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be sent")
    add_sink(parser)


def _redrive(given: Namespace) -> int:
    stop = Stop()
    letters = {
        **read_span(given.start, given.end),
        "type": given.type,
        "reason": _like(given.reason),
        "destination": _like(given.destination),
    }
    if given.limit is not None and given.limit < 1:
        raise PermanentError(f"expected --limit to be 1 or more, got {given.limit}")
    if given.dry_run:
        return _show(letters)
    redrive = _Redrive(letters, Sender(given.sink, stop), given.limit)
    while not stop.told and redrive.send_page(stop):
        pass
    tell(str(redrive.progress))
    if stop.told:
        tell("stopped; the same command sends the others")
        return STOPPED
    return FAILED if redrive.refused else 0


def _like(pattern: str | None) -> str | None:
    """Return the pattern of SQL's `like`."""
    if pattern is None:
        return None
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, f"\\{special}")
    return pattern.replace("*", "%")


def _show(letters: dict[str, Any]) -> int:
    """Print how many letters there are of each destination and reason."""
    for count, destination, reason in run("commands/redrive/count_reasons", **letters):
        show(f"{count:>8,}  {destination}  {' '.join(reason.split())}")
    return 0


class _Redrive:
    """The open letters of a filter, each sent once, whatever comes back meanwhile."""

    def __init__(self, letters: dict[str, Any], sender: Sender, limit: int | None) -> None:
        self.letters, self.sender, self.refused, self.after = letters, sender, 0, 0
        count, self.until = run("commands/redrive/count_letters", **letters)[0]
        self.progress = Progress(count if limit is None else min(limit, count))

    def send_page(self, stop: Stop) -> bool:
        """Send the next letters, and mark each; return whether there were any."""
        size = min(PAGE_LETTERS, self.progress.total - self.progress.done)
        page = run(
            "commands/redrive/read_letters",
            **{"after": self.after, "until": self.until, "size": size, **self.letters},
        )
        for letter_id, content in page:
            if stop.told:
                break
            self._send(letter_id, content)
        return bool(page)

    def _send(self, letter_id: int, content: str) -> None:
        # Before it is sent, because it may be refused again before the Broker has answered.
        moment = one("commands/redrive/read_moment")
        sentence = self.sender.send(content)
        if sentence:
            self.refused += 1
            tell(f"dead letter {letter_id} was refused: {sentence}")
        else:
            run("commands/redrive/mark_letter", letter_id=letter_id, moment=moment)
        self.after = letter_id
        self.progress.step()


COMMAND = Command(
    _redrive,
    _arguments,
    __doc__,
    """
    dora redrive --dry-run
    dora redrive --destination '*cdevents-endpoint*' --reason '*is not a CDEvents type*' --limit 100
    """,
)
