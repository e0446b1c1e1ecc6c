"""The load generator: reads one piece of work a line from stdin, writes one line of answers each."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = 503
FULL_PAUSE_SECONDS = 0.02


class Sending:
    """One piece of work: requests to send, and what came back."""

    def __init__(self, requests: list[Any], rate: float | None) -> None:
        self.requests, self.rate = requests, rate
        self.start = time.time() + 0.01
        self.sent, self.took = [0.0] * len(requests), [0.0] * len(requests)
        self.statuses, self.sizes = [0] * len(requests), [0] * len(requests)

    async def run(self, senders: int) -> dict[str, list[Any]]:
        """Send everything over so many connections."""
        numbers = iter(range(len(self.requests)))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=senders)) as client:
            await asyncio.gather(*(self._sender(client, numbers) for _ in range(senders)))
        return {
            "sent": self.sent,
            "took": self.took,
            "statuses": self.statuses,
            "sizes": self.sizes,
        }

    async def _sender(self, client: aiohttp.ClientSession, numbers: Iterator[int]) -> None:
        for number in numbers:
            if self.rate:
                await asyncio.sleep(self.start + number / self.rate - time.time())
            self.sent[number] = time.time()
            await self._send(client, number)
            while self.statuses[number] == FULL:
                await asyncio.sleep(FULL_PAUSE_SECONDS)
                await self._send(client, number)

    async def _send(self, client: aiohttp.ClientSession, number: int) -> None:
        url, headers, body = self.requests[number]
        method = "GET" if body is None else "POST"
        started = time.perf_counter()
        async with client.request(method, url, data=body, headers=headers) as response:
            self.sizes[number] = len(await response.read())
        self.took[number] = time.perf_counter() - started
        self.statuses[number] = response.status


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
