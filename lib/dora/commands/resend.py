"""Send events to where a Broker takes them, or the webhooks endpoint does, over one connection."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import requests

from dora.commands.command import address, tell
from dora.errors import PermanentError, TemporaryError
from dora.sink import may_pass

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from dora.commands.command import Stop

STRUCTURED = {"content-type": "application/cloudevents+json"}
TIMEOUT_SECONDS = 30
# A Broker that is full or starts anew is back within that.
WAITS_SECONDS = (0.5, 1, 2, 4, 8, 16)
TAKEN = 2


def add_sink(parser: ArgumentParser, default: str = "the environment's K_SINK") -> None:
    """Add --sink.

    Args:
        parser: of the command.
        default: what it is where it is not given, in words.
    """
    parser.add_argument(
        "--sink",
        metavar="URL",
        default=os.environ.get("K_SINK"),
        help=f"where the Broker takes events (default: {default})",
    )


def add_webhooks_or_sink(parser: ArgumentParser) -> None:
    """Add --sink, for what may go to the webhooks endpoint as well."""
    parser.add_argument(
        "--sink",
        metavar="URL",
        help="where the Broker takes events (default: DORA_WEBHOOKS_URL, else K_SINK)",
    )


def sender_of(sink: str | None, stop: Stop) -> Sender:
    """Return who sends to a Broker that is named, else to the webhooks endpoint, else to K_SINK.

    Raises:
        PermanentError: there is none of these, or no token for the webhooks endpoint.
    """
    webhooks, broker = os.environ.get("DORA_WEBHOOKS_URL"), sink or os.environ.get("K_SINK")
    if webhooks and not sink:
        token = os.environ.get("DORA_TOKEN", "").strip()
        if not token:
            raise PermanentError("expected DORA_TOKEN to hold a secret of the webhooks endpoint")
        return Sender(f"{address('DORA_WEBHOOKS_URL', webhooks)}/generic", stop, token)
    if not broker:
        raise PermanentError(
            "expected DORA_WEBHOOKS_URL (the webhooks endpoint) or K_SINK (the Broker) to say where"
            " to send it, got none"
        )
    return Sender(broker, stop)


class Sender:
    """Sends events to an address, to the letter.

    Attributes:
        remark: what was answered when the last event was taken.
    """

    def __init__(self, url: str | None, stop: Stop, token: str | None = None) -> None:
        if not url or not url.startswith(("http://", "https://")):
            raise PermanentError(
                f"expected --sink or K_SINK to be the Broker's http address, got {url or 'none'}"
            )
        self._url, self._stop, self._session = url, stop, requests.Session()
        self._headers = STRUCTURED | ({"authorization": f"Bearer {token}"} if token else {})
        self.remark = ""

    def send(self, content: str) -> str | None:
        """Send an event in JSON format; give the sentence that refuses it, None if it was taken.

        Raises:
            TemporaryError: the Broker is away, or stays full.
        """
        for seconds in (*WAITS_SECONDS, None):
            problem, retriable = self._attempt(content)
            if not retriable:
                return problem
            if seconds is None or self._stop.told:
                break
            if seconds == WAITS_SECONDS[0]:
                tell(f"{self._url} does not take it yet: {problem}; trying again")
            self._stop.wait(seconds)
        raise TemporaryError(f"{self._url} takes no events: {problem}")

    def _attempt(self, content: str) -> tuple[str | None, bool]:
        """Return what went wrong, and whether another attempt may help."""
        try:
            answer = self._session.post(
                self._url,
                content.encode(),
                headers=self._headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.exceptions.InvalidURL as error:
            raise PermanentError(f"{self._url} is no address: {error}") from error
        except requests.RequestException as error:
            return type(error).__name__, True
        if answer.status_code // 100 == TAKEN:
            self.remark = " ".join(answer.text.split())
            return None, False
        sentence = f"{answer.status_code} {' '.join(answer.text.split())}"
        return sentence, may_pass(answer.status_code)
