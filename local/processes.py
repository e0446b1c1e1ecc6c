"""Programs as child processes: started, waited for until they answer, stopped."""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from local.keeper import Keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

READY_SECONDS = 120
STOP_SECONDS = 30
# What is still there when this process ends, ends too.
KEEPER = Keeper()


class StackError(Exception):
    """Why the stack cannot run, in one sentence."""


@dataclass
class Program:
    """A program: how it is started, and the process while it runs."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it; what it prints goes to its log."""
        options: dict[str, Any] = {"user": self.user, "group": self.user} if self.user else {}
        self._forget()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                KEEPER.kept(self.command, self.stop_signal),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=KEEPER.pipe,
                stderr=log,
                # Ctrl-C in the terminal is for the stack, which stops its programs in order.
                start_new_session=True,
                **options,
            )

    def is_running(self) -> bool:
        """Return whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Wait until it is ready.

        Raises:
            StackError: it ended, or was not ready in time; with the last line of its log.
        """
        deadline = time.monotonic() + READY_SECONDS
        # Something else may answer in its place, where two stacks start at the same moment.
        while not ready() or not self.is_running():
            if not self.is_running() or time.monotonic() > deadline:
                raise StackError(f"{self.name} did not start: {last_line(self.log)}")
            time.sleep(0.02)

    def signal_stop(self) -> None:
        """Ask the process to stop."""
        if self.process is not None and self.is_running():
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Stop the process and wait for its end."""
        self.signal_stop()
        if self.process is not None:
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._forget()

    def kill(self) -> None:
        """End the process without asking, as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self._forget()

    def _forget(self) -> None:
        if self.process is not None:
            KEEPER.forget(self.process.pid)


def last_line(log: Path) -> str:
    """Return the last line of a log that says something."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def is_listening(port: int) -> bool:
    """Return whether something on this machine takes connections at the port."""
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    """Return whether a GET of the URL succeeds."""
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


_claims: list[socket.socket] = []


@atexit.register
def _release_ports() -> None:
    for claim in _claims:
        claim.close()


def free_port() -> int:
    """Return a port that nobody uses, of those that the system gives to nobody by itself.

    Nobody else is given it while this process lives: the UDP port of the same number is its claim.
    """
    while True:
        address = "127.0.0.1", random.randrange(20_000, 32_000)  # noqa: S311 - a port, no secret
        claim = socket.socket(type=socket.SOCK_DGRAM)
        with contextlib.closing(socket.socket()) as probe, contextlib.suppress(OSError):
            claim.bind(address)
            probe.bind(address)
            _claims.append(claim)
            return address[1]
        claim.close()


@contextlib.contextmanager
def alone_with(folder: Path) -> Iterator[None]:
    """Let one process at a time do the block, of those that name the same folder; others wait."""
    import fcntl  # noqa: PLC0415 - Windows has none

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def clean_environment() -> dict[str, str]:
    """Return this process's environment without another PostgreSQL's, server's or make's settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PG", "MAKE", "MFLAGS")) and name not in ("PORT", "ADDRESS")
    }
