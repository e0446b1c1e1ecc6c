"""Report the past of GitHub or GitLab as its webhooks would have.

Merged changes, deployments and incidents of the last months become the events that the tool's
transformer takes, so its CDEvents have the same ids, and over live data nothing changes. The token
is read from GITHUB_TOKEN or GITLAB_TOKEN. Interrupted, the same command goes on where it was.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dora.backfill.github import API as GITHUB
from dora.backfill.github import github_history
from dora.backfill.gitlab import API as GITLAB
from dora.backfill.gitlab import gitlab_history
from dora.backfill.rest import Api
from dora.cdevents import event_id
from dora.commands.command import FAILED, STOPPED, TELL_SECONDS, Command, Stop, Stopped, tell
from dora.commands.resend import Sender, add_sink
from dora.errors import PermanentError, UnauthorizedError
from dora.pages.words import count
from dora.times import rfc3339

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dora.backfill.history import History, Item

TOOLS = {"github": (GITHUB, github_history), "gitlab": (GITLAB, gitlab_history)}
MONTHS, DAYS_OF_A_MONTH = 12, 30.44


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("tool", choices=[*TOOLS])
    parser.add_argument("project", nargs="+", help="owner/repository, or group/project")
    parser.add_argument("--months", metavar="N", type=float, default=MONTHS, help="default: 12")
    parser.add_argument(
        "--compare", action="store_true", help="ask what lies between pushes that do not join"
    )
    parser.add_argument("--api", metavar="URL", help="of a GitHub Enterprise or GitLab of your own")
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help="what was sent before an interruption (default: one for each command, in .dora)",
    )
    add_sink(parser)


def _backfill(given: Namespace) -> int:
    stop = Stop()
    address, history_of = TOOLS[given.tool]
    api = Api(given.api or address, _token(given.tool), stop)
    sender, since = Sender(given.sink, stop), _since(given.months)
    command = event_id(given.tool, str(given.sink), api.address, *given.project)
    sent = Sent(given.state or Path(".dora") / f"backfill-{command}.sent")
    backfill = Backfill(sender, sent, stop, Estimate(since, len(given.project)))
    try:
        for project in given.project:
            identity = (given.sink, api.address, project)
            history = history_of(api, project, since, compare=given.compare)
            backfill.tell_all(history, identity)
    except Stopped:
        tell(str(backfill.estimate))
        tell("stopped; the same command goes on from here")
        return STOPPED
    finally:
        sent.close()
    tell(
        f"{count(backfill.estimate.events, 'event')} sent, {count(api.requests, 'request')} to the API"
    )
    sent.forget()
    return FAILED if backfill.refused else 0


def _token(tool: str) -> str:
    variable = f"{tool.upper()}_TOKEN"
    token = os.environ.get(variable, "").strip()
    if not token:
        raise PermanentError(f"expected {variable} to hold a token that may read the project")
    return token


def _since(months: float) -> str:
    if not 0 < months < 1200:  # noqa: PLR2004 - a hundred years
        raise PermanentError(f"expected --months to be more than 0, got {months}")
    moment = datetime.now(UTC) - timedelta(days=months * DAYS_OF_A_MONTH)
    return rfc3339(moment.replace(microsecond=0))


class Sent:
    """What was sent, one line each in a file, so that an interrupted backfill can go on."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._known = set(path.read_text().split()) if path.exists() else set()
            self._file = path.open("a")
        except OSError as error:
            raise PermanentError(f"{path} cannot be written: {error.strerror}") from error
        self._path = path
        if self._known:
            self._file.write("\n")  # the last line may be half a line
            tell(f"going on after {len(self._known):,} that were sent before")

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def add(self, key: str) -> None:
        """Remember one."""
        self._file.write(f"{key}\n")
        self._file.flush()

    def close(self) -> None:
        """Keep the file for the next time."""
        self._file.close()

    def forget(self) -> None:
        """Begin anew the next time, for all was sent."""
        self._path.unlink(missing_ok=True)


class Estimate:
    """How far it is and how long it may take: lists run backward in time, so the time says it."""

    def __init__(self, since: str, projects: int) -> None:
        self.events, self.part, self.parts = 0, 0.0, float(projects)
        self._since, self._now = datetime.fromisoformat(since), datetime.now(UTC)
        self._started = self._told = time.monotonic()

    def reached(self, share: float, before: float, when: str) -> None:
        """Note that a list, which is so large a share of all, is at that time."""
        span = self._now - self._since
        passed = (self._now - datetime.fromisoformat(when)) / span
        self.part = before + share * min(max(passed, 0.0), 1.0)
        if time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            tell(str(self))

    def __str__(self) -> str:
        seconds = time.monotonic() - self._started
        left = seconds * (self.parts - self.part) / self.part if self.part else None
        end = "just begun" if left is None else f"about {left:,.0f} s left"
        return f"{count(self.events, 'event')}, {self.part / self.parts:.0%} of the time, {end}"


class Backfill:
    """Sends the past of projects."""

    def __init__(self, sender: Sender, sent: Sent, stop: Stop, estimate: Estimate) -> None:
        self.estimate, self.refused = estimate, 0
        self._sender, self._sent, self._stop, self._finished = sender, sent, stop, 0.0

    def tell_all(self, history: History, identity: tuple[str, ...]) -> None:
        """Send a project's past, but for what was sent before."""
        share = 1 / len(history.kinds)
        for kind, items in history.kinds.items():
            tell(f"{identity[-1]}: {kind}")
            for item in items():
                if self._stop.told:
                    raise Stopped
                self._tell_once(history, item, event_id(*identity, kind, *item.key))
                self.estimate.reached(share, self._finished, item.when)
            self._finished += share

    def _tell_once(self, history: History, item: Item, key: str) -> None:
        if key in self._sent:
            return
        try:
            for told in item.tell():
                sentence = self._sender.send(history.event(told))
                self.estimate.events += 1
                if sentence:
                    self._refuse(item, sentence)
        except UnauthorizedError:
            raise
        except PermanentError as error:  # this thing's own; the others may be right
            self._refuse(item, str(error))
        self._sent.add(key)

    def _refuse(self, item: Item, sentence: str) -> None:
        self.refused += 1
        tell(f"{' '.join(item.key)} was refused: {sentence}")


COMMAND = Command(
    _backfill,
    _arguments,
    __doc__,
    """
    GITHUB_TOKEN=... dora backfill github acme/shop acme/cart --months 12
    GITLAB_TOKEN=... dora backfill gitlab acme/store/shop --api https://gitlab.example.com/api/v4
    """,
)
