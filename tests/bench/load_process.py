"""The load generator: reads one piece of work a line from stdin, writes one line of answers each.

It is part of what the machine has to do, so it does little for a request: what is sent is put into bytes
before, and of an answer no more is read than its status and its length.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = 503
FULL_PAUSE_SECONDS = 0.02
# Of `HTTP/1.1 200 OK`.
STATUS = slice(9, 12)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSED = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
WITHOUT_BODY = (204, 304)
Address = tuple[str, int]


def encoded(url: str, headers: dict[str, str], body: str | None) -> tuple[Address, bytes]:
    """Return where a request goes, and its bytes."""
    where, content = urlsplit(url), (body or "").encode()
    path = f"{where.path or '/'}{'?' * bool(where.query)}{where.query}"
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"host: {where.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [] if body is None else [f"content-length: {len(content)}"]
    head = "\r\n".join([*lines, "", ""])
    return (where.hostname or "", where.port or 80), head.encode() + content


class Connections:
    """What one sender has open: a connection for each address."""

    def __init__(self) -> None:
        self._open: dict[Address, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def ask(self, address: Address, request: bytes) -> tuple[int, int]:
        """Send a request; return the status and how long the answer's body is."""
        if address not in self._open:
            self._open[address] = await asyncio.open_connection(*address)
        reader, writer = self._open[address]
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status, size = int(head[STATUS]), 0
        if status not in WITHOUT_BODY:
            length = LENGTH.search(head)
            if length is None:
                raise ValueError(f"expected an answer with a length, got {head!r:.200}")
            size = len(await reader.readexactly(int(length[1])))
        if CLOSED.search(head):
            self._open.pop(address)[1].close()
        return status, size

    def close(self) -> None:
        """Close what is open."""
        for _, writer in self._open.values():
            writer.close()


class Sending:
    """One piece of work: requests to send, and what came back."""

    def __init__(self, requests: list[Any], rate: float | None) -> None:
        self.requests, self.rate = [encoded(*request) for request in requests], rate
        self.start = time.time() + 0.01
        self.sent, self.took = [0.0] * len(requests), [0.0] * len(requests)
        self.statuses, self.sizes = [0] * len(requests), [0] * len(requests)

    async def run(self, senders: int) -> dict[str, Any]:
        """Send everything, so many requests at a time."""
        numbers = iter(range(len(self.requests)))
        began, worked = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._sender(numbers) for _ in range(senders)))
        return {
            "sent": self.sent,
            "took": self.took,
            "statuses": self.statuses,
            "sizes": self.sizes,
            "seconds": time.perf_counter() - began,
            "work_seconds": time.process_time() - worked,
        }

    async def _sender(self, numbers: Iterator[int]) -> None:
        with closing(Connections()) as connections:
            for number in numbers:
                if self.rate:
                    await asyncio.sleep(self.start + number / self.rate - time.time())
                self.sent[number] = time.time()
                await self._send(connections, number)
                while self.statuses[number] == FULL:
                    await asyncio.sleep(FULL_PAUSE_SECONDS)
                    await self._send(connections, number)

    async def _send(self, connections: Connections, number: int) -> None:
        started = time.perf_counter()
        self.statuses[number], self.sizes[number] = await connections.ask(*self.requests[number])
        self.took[number] = time.perf_counter() - started


def main() -> None:
    """Work until stdin ends."""
    for line in sys.stdin:
        work = json.loads(line)
        requests = [json.loads(each) for each in Path(work["file"]).read_text().splitlines()]
        answers = asyncio.run(Sending(requests, work["rate"]).run(work["senders"]))
        sys.stdout.write(json.dumps(answers) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
