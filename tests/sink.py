"""What a function posts to K_SINK, collected by a real server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cloudevents.http import CloudEvent


class Sink(ThreadingHTTPServer):
    """A server that takes every event, or gives the answers that a test sets."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.bodies: list[bytes] = []
        self.status = 202
        self.most_bytes = 2**30  # more is refused with 413

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.status if len(body) <= self.server.most_bytes else 413
        if status == 202:
            self.server.bodies.append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A sink of this test's own, which functions called in it post to."""
    with listening(monkeypatch) as server:
        yield server


@contextmanager
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """A sink, which functions post to as long as it is there."""
    server = Sink()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("K_SINK", server.url)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def as_cloudevent(event: dict[str, Any]) -> CloudEvent:
    """Make a CloudEvent of its JSON format."""
    return CloudEvent({name: event[name] for name in event if name != "data"}, event["data"])
