"""Sending many requests and timing each, from a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from local.processes import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

REFUSED = 400


@dataclass(frozen=True)
class Request:
    """What is sent: a GET when it has no body."""

    url: str
    headers: dict[str, str]
    body: str | None = None


@dataclass(frozen=True)
class Answers:
    """What came back, in the order of the requests; times in seconds, `sent` since the epoch."""

    sent: list[float]
    took: list[float]
    statuses: list[int]
    sizes: list[int]
    seconds: float  # of all of it
    work_seconds: float  # of the load generator, on a core

    def require_success(self) -> Self:
        """Return the same answers.

        Raises:
            RuntimeError: one of them refuses its request.
        """
        refused = [status for status in self.statuses if status >= REFUSED]
        if refused:
            raise RuntimeError(f"{len(refused)} of {len(self.statuses)} answers: {refused[0]}")
        return self


class Load:
    """The process that sends; `tests.bench.load_process` is what runs in it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._file = process, folder / "requests.jsonl"

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Self]:
        """Start the process; end it when the block ends."""
        command = [sys.executable, "-m", "tests.bench.load_process"]
        with subprocess.Popen(
            command,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield cls(process, folder)
            process.communicate()

    def send(
        self, requests: Iterable[Request], senders: int = 1, rate: float | None = None
    ) -> Answers:
        """Send the requests, so many at a time, as fast as they go or so many a second.

        An answer of 503 is what a full Broker gives: the sender tries again, as a source would.
        """
        lines = [json.dumps([request.url, request.headers, request.body]) for request in requests]
        self._file.write_text("\n".join(lines))
        return Answers(**self._ask({"file": str(self._file), "senders": senders, "rate": rate}))

    def _ask(self, work: dict[str, str | float | None]) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the load process has no pipes")
        self._process.stdin.write(json.dumps(work) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load process ended; its error is above")
        answers: dict[str, Any] = json.loads(line)
        return answers


def same(request: Request, times: int) -> Sequence[Request]:
    """Return the same request many times."""
    return [request] * times
