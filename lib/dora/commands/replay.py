"""Send kept events of a time span through the Broker again.

For after a new or a better transformer. What became of an event before has the same id, so nothing
is counted twice. Interrupted, the same command goes on where it was.
"""

from __future__ import annotations

import json
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
from dora.database import one, run
from dora.pages.words import count
from dora.times import read_span

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

# After how many events the place is remembered: so many at most are sent twice after a crash.
PAGE_EVENTS = 100


def _arguments(parser: ArgumentParser) -> None:
    add_span(parser, what="events that happened", required=True)
    parser.add_argument("--type", metavar="PREFIX", help="only types that begin so")
    parser.add_argument("--source", help="only this source")
    parser.add_argument("--restart", action="store_true", help="begin anew, if it was interrupted")
    add_sink(parser)


def _replay(given: Namespace) -> int:
    stop = Stop()
    events = {**read_span(given.start, given.end), "type": given.type, "source": given.source}
    replay = _Replay(events, Sender(given.sink, stop), restart=given.restart)
    while not stop.told and replay.send_page(stop):
        pass
    tell(str(replay.progress))
    if stop.told:
        tell("stopped; the same command goes on from here")
        return STOPPED
    run("commands/replay/finish_replay", arguments=replay.arguments)
    return FAILED if replay.refused else 0


class _Replay:
    """A replay and how far it is, remembered in the database by its arguments."""

    def __init__(self, events: dict[str, Any], sender: Sender, *, restart: bool) -> None:
        self.events, self.sender, self.refused = events, sender, 0
        self.arguments = json.dumps(events)
        run("commands/replay/begin_replay", arguments=self.arguments, restart=restart)
        [place] = run("commands/replay/read_replay", arguments=self.arguments)
        self.after, self.until, done = place
        left = one("commands/replay/count_events", after=self.after, until=self.until, **events)
        if done:
            tell(f"going on after {count(done, 'event')}")
        self.progress = Progress(done + left, done)

    def send_page(self, stop: Stop) -> bool:
        """Send the next events and remember the place; return whether there were any."""
        page = run(
            "commands/replay/read_events",
            **{"after": self.after, "until": self.until, "size": PAGE_EVENTS, **self.events},
        )
        try:
            for event_id, content in page:
                if stop.told:
                    break
                self._send(event_id, content)
        finally:
            self._save()
        return bool(page)

    def _send(self, event_id: int, content: str) -> None:
        sentence = self.sender.send(content)
        if sentence:
            self.refused += 1
            tell(f"event {event_id} was refused: {sentence}")
        self.after = event_id
        self.progress.step()

    def _save(self) -> None:
        run(
            "commands/replay/save_replay",
            arguments=self.arguments,
            event_id=self.after,
            done=self.progress.done,
        )


COMMAND = Command(
    _replay,
    _arguments,
    __doc__,
    """
    dora replay --from 2020-01-01 --type dev.knative.apiserver.resource.
    dora replay --from 2023-01-01 --to 2023-02-01 --source /my/tool
    """,
)
