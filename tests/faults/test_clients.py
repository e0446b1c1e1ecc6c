"""Clients that are silent, half done, ambiguous or too many: others are answered meanwhile."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests

from dora import clients
from tests.library.test_serve import programs, serve
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.library.test_serve import Serve

__all__ = ["programs", "serve"]
BLOCKED = """
import pathlib, time

def main(context):
    while not pathlib.Path(__file__).with_name("go").exists():
        time.sleep(0.01)
    return "done", 200
"""
AT_ONCE = """
def main(context):
    return "done", 200
"""
SILENT = {
    "that say nothing": b"",
    "with half a header": b"GET / HTTP/1.1\r\nHost: x\r\nX-a: ",
    "with half a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na",
}


def _folder(path: Path, code: str) -> Path:
    path.mkdir()
    (path / "func.py").write_text(code)
    return path


def _connect(url: str, first: bytes = b"") -> socket.socket:
    where = urlsplit(url)
    assert where.hostname
    opened = socket.create_connection((where.hostname, where.port or 80), PATIENCE_SECONDS)
    opened.sendall(first)
    return opened


@pytest.mark.parametrize("how", SILENT)
def test_others_are_answered_beside_200_connections(tmp_path: Path, serve: Serve, how: str) -> None:
    url = serve(_folder(tmp_path / "at-once", AT_ONCE))
    silent = [_connect(url, SILENT[how]) for _ in range(200)]

    answers = [requests.get(url, timeout=5).text for _ in range(3)]

    assert answers == ["done"] * 3
    for one in silent:
        one.close()


class Connection(clients.Channel):
    """A connection without a socket."""

    def __init__(self, heard: bytes) -> None:
        self.requests: list[object] = []
        self.request, self.last_activity, self.total_outbufs_len = None, 100.0, 0
        self.will_close = self.close_when_flushed = False
        if heard:
            self.request_began, self.request = 100.0, object()


@pytest.mark.parametrize(
    ("is_made", "size", "is_sent"),
    [
        (True, 100, False),
        (True, clients.LEFT_TO_THREAD_BYTES, True),
        (False, 100, True),
        (False, 0, False),
    ],
)
def test_the_loop_does_not_turn_for_what_a_thread_is_just_sending(
    is_made: bool,  # noqa: FBT001
    size: int,
    is_sent: bool,  # noqa: FBT001
) -> None:
    connection = Connection(b"")
    connection.requests, connection.total_outbufs_len = [object()] * is_made, size

    assert connection.writable() is is_sent


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        ("that say nothing", clients.BEGIN_SECONDS),
        ("with half a header", clients.SEND_SECONDS),
        ("with half a body", clients.SEND_SECONDS),
    ],
)
def test_who_is_silent_for_too_long_is_overdue(how: str, seconds: int) -> None:
    connection = Connection(SILENT[how])

    assert not connection.is_overdue(100 + seconds - 1)
    # A byte now and then changes nothing.
    connection.last_activity += seconds if how != "that say nothing" else 0
    assert connection.is_overdue(100 + seconds + 1)


@pytest.mark.long
def test_a_connection_that_says_nothing_is_closed(tmp_path: Path, serve: Serve) -> None:
    url = serve(_folder(tmp_path / "at-once", AT_ONCE))
    with _connect(url) as silent:
        silent.settimeout(clients.BEGIN_SECONDS + PATIENCE_SECONDS)

        assert silent.recv(1) == b""


def test_a_length_beside_chunks_is_refused_and_closed(tmp_path: Path, serve: Serve) -> None:
    url = serve(_folder(tmp_path / "at-once", AT_ONCE))
    both = (
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    )

    answer = b""
    with _connect(url, both) as connection:
        while piece := connection.recv(65536):
            answer += piece

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert b"expected a length or chunks, got both" in answer


def test_who_would_wait_for_too_many_is_answered_503_at_once(tmp_path: Path, serve: Serve) -> None:
    folder = _folder(tmp_path / "blocked", BLOCKED)
    url = serve(folder, THREADS="2")
    got: list[int] = []

    def ask() -> None:
        got.append(requests.get(url, timeout=PATIENCE_SECONDS).status_code)

    asking = [threading.Thread(target=ask) for _ in range(clients.MOST_WAITING + 2 + 20)]
    for thread in asking:
        thread.start()
    wait_until(lambda: len(got) >= 20)
    at_once = list(got)
    (folder / "go").touch()
    for thread in asking:
        thread.join()

    assert at_once == [503] * 20
    assert sorted(got) == [200] * (clients.MOST_WAITING + 2) + [503] * 20
    assert requests.get(url, timeout=PATIENCE_SECONDS).status_code == 200
