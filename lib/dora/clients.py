"""Clients of the HTTP server: who is silent is dropped, what is ambiguous refused, who is too many sent away.

Connections cost next to nothing, threads much: so there may be very many of the former, and only so
many requests wait for one of the latter as are answered while their senders wait.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import waitress
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from dora.limits import BATCH, body_limit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import WSGIApplication

MAX_HEADER_BYTES = 2 * 1024 * 1024  # attributes: Knative passes on 1 MiB of them, and adds to it
# Of an answer that a thread makes the loop sends what is more than so much; the thread sends the rest.
LEFT_TO_THREAD_BYTES = 1024 * 1024
MOST_CONNECTIONS = 1000
MOST_WAITING = 100
# So long a client may take to begin a request, to go on with another one, to send one, and to read
# a part of its answer.
BEGIN_SECONDS, PAUSE_SECONDS, SEND_SECONDS, READ_SECONDS = 10, 120, 60, 60


def server(app: WSGIApplication, host: str, port: int) -> Any:
    """Return a server of the application that listens already."""
    dispatcher = Dispatcher()
    dispatcher.set_thread_count(int(os.environ.get("THREADS", "4")))
    made = waitress.create_server(
        app,
        _dispatcher=dispatcher,
        host=host,
        port=port,
        connection_limit=MOST_CONNECTIONS,
        # Above the limit of the application, so that its sentence is what the sender reads.
        max_request_body_size=4 * max(body_limit(""), body_limit(BATCH)),
        max_request_header_size=MAX_HEADER_BYTES,
        ident=None,
    )
    made.channel_class = Channel
    return made


class Parser(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """Waitress's own, which takes the chunks where there is a length too.

    What is before it may take the length: https://www.rfc-editor.org/rfc/rfc9112#section-6.1-15.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header; refuse one that says twice where the body ends."""
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("expected a length or chunks, got both")


class BusyError(Error):  # type: ignore[misc]
    """The answer to a request that would have to wait for too many others."""

    code, reason = 503, "Service Unavailable"


class Task(WSGITask):  # type: ignore[misc]
    """Waitress's own, which closes the connection after an answer without a length: every 204."""

    def set_close_on_finish(self) -> None:
        """Let the connection go on after a 204."""
        asked_to = self.request.headers.get("CONNECTION", "").lower() == "close"
        if asked_to or self.version != "1.1" or not self.status.startswith("204"):
            super().set_close_on_finish()


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows since when it is waited for."""

    task_class, parser_class = Task, Parser
    request_began: float | None = None
    is_receiving = is_refused = False

    def received(self, data: bytes) -> bool:
        """Take what came; refuse a request for which too many others wait."""
        if self.request is None:
            self.request_began = time.time()
        self.is_receiving = True
        is_taken: bool = super().received(data)
        self.is_receiving = False
        if self.is_refused:
            self.service()  # here, for all threads are busy
        return is_taken

    def refuse(self) -> None:
        """Answer the request that just came with 503."""
        self.requests[0].error = BusyError(
            f"expected at most {MOST_WAITING} waiting requests, got more"
        )
        self.is_refused = True

    def writable(self) -> bool:
        """Return whether the loop has something to send: not what a thread is just sending.

        Waitress's own says that it could: then the loop turns and turns in vain, and the thread waits for
        Python's lock to go on. It wakes the loop when it is done, which sends what is left.
        """
        if self.requests and self.total_outbufs_len < LEFT_TO_THREAD_BYTES:
            return bool(self.will_close)
        return bool(super().writable())

    def is_overdue(self, now: float) -> bool:
        """Return whether its client has been silent for too long."""
        silent: float = now - self.last_activity
        if self.requests:
            return bool(self.total_outbufs_len) and silent > READ_SECONDS
        if self.request is not None and self.request_began is not None:
            return now - self.request_began > SEND_SECONDS
        return silent > (BEGIN_SECONDS if self.request_began is None else PAUSE_SECONDS)

    def drop(self) -> None:
        """Close it, whatever its client still sends."""
        if self.requests:
            self.handle_close()  # who writes to it learns that
        else:
            self.will_close = True


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads, and the requests that wait for one of them, of which there are not too many."""

    def add_task(self, task: Channel) -> None:
        """Let a connection's next request wait, or refuse it."""
        if task.is_receiving and len(self.queue) >= MOST_WAITING:
            task.refuse()
        else:
            super().add_task(task)


def drop_silent(channels: Iterable[Any], now: float) -> None:
    """Close connections that are overdue; where there are too many, those that are silent longest."""
    kept = []
    for channel in list(channels):
        if channel.is_overdue(now):
            channel.drop()
        elif not channel.requests:
            kept.append(channel)
    kept.sort(key=lambda channel: channel.last_activity)
    for channel in kept[: max(0, len(kept) - MOST_CONNECTIONS * 9 // 10)]:
        channel.drop()
