"""Commands as a person runs them, and a Broker that remembers what it was sent."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from local.functions import function_program, url
from local.processes import answers, clean_environment
from tests.commands import loaded
from tests.conftest import FUNCTIONS, Database
from tests.waiting import PATIENCE_SECONDS, wait_until


class Sink:
    """Takes events, or answers what a test wants."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.tokens: list[str | None] = []
        self.connections = 0
        # Called with the number of the request; a status of 300 or more takes nothing.
        self.answer: Callable[[int], tuple[int, str]] = lambda _number: (202, "")
        self.requests = 0
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body at once: the second of two waits for word of the first

            def setup(self) -> None:
                super().setup()
                sink.connections += 1

            def do_POST(self) -> None:
                sink.handle(self)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/dora"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer a request, and remember its body if it was taken."""
        length = int(request.headers["content-length"])
        body = request.rfile.read(length)
        if len(body) < length:
            request.close_connection = True  # the sender ended in the middle of it
            return
        assert request.headers["content-type"] == "application/cloudevents+json"
        status, text = self.answer(self.requests)
        self.requests += 1
        self.tokens.append(request.headers["authorization"])
        if status < 300:
            self.bodies.append(body.decode())
        request.send_response(status)
        request.send_header("content-length", str(len(text)))
        request.end_headers()
        request.wfile.write(text.encode())

    @property
    def ids(self) -> list[str]:
        """The ids of the events that were taken."""
        return [json.loads(body)["id"] for body in self.bodies]

    def wait_for_requests(self, count: int) -> None:
        """Wait until so many events came, taken or not."""
        wait_until(lambda: self.requests >= count)


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    thread = threading.Thread(target=made.server.serve_forever, args=[0.01])
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Commands:
    """Runs `python -m dora …` with this test's database."""

    def __init__(self, environment: dict[str, str]) -> None:
        # Without what says which pipeline runs these tests.
        clean = clean_environment().items()
        own = {name: value for name, value in clean if not name.startswith(("CI", "GITHUB_"))}
        self.environment = own | environment

    def having(self, **environment: str) -> Commands:
        """Return the same with this set besides."""
        return Commands(self.environment | environment)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "dora", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return loaded.run(*arguments, environment=self.environment)

    def run_in_terminal(self, columns: int, *arguments: str) -> str:
        """Run a command whose standard output is a terminal of so many columns; return what it shows."""
        reader, terminal = pty.openpty()
        termios.tcsetwinsize(terminal, (24, columns))
        # What says another size than the terminal itself, as parallel tests do.
        environment = {
            name: value
            for name, value in self.environment.items()
            if name not in ("COLUMNS", "LINES")
        }
        with subprocess.Popen(
            [sys.executable, "-m", "dora", *arguments], env=environment, stdout=terminal
        ):
            os.close(terminal)
            shown = b"".join(iter(lambda: _read(reader), b""))
        os.close(reader)
        return shown.decode()

    def interrupt(
        self, number: signal.Signals, sink: Sink, taken: int, name: str, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that gets a signal while an event, after so many, waits for its answer."""
        waiting, signalled = threading.Event(), threading.Event()
        place = sink.requests + taken

        def answer(request: int) -> tuple[int, str]:
            if request == place:
                waiting.set()
                signalled.wait(PATIENCE_SECONDS)
            return 202, ""

        sink.answer = answer
        process = self.start(name, *arguments)
        assert waiting.wait(PATIENCE_SECONDS)
        process.send_signal(number)
        signalled.set()
        return _ended(process)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 64 * 1024)
    except OSError:  # nobody writes to it any more
        return b""


def _ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@contextmanager
def metrics_endpoint(database: Database, logs: Path) -> Iterator[str]:
    """Serve a database's metrics; the address is where."""
    endpoint = function_program(FUNCTIONS["metrics-endpoint"], database.environment, logs)
    endpoint.start()
    endpoint.wait_until(lambda: answers(f"{url(endpoint)}/health/readiness"))
    yield url(endpoint)
    endpoint.stop()


@pytest.fixture
def commands(database: Database, sink: Sink) -> Commands:
    return Commands(database.environment | {"K_SINK": sink.url})
