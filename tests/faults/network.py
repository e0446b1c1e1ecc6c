"""A network that can be cut, stalled, slow, or that loses answers: connections that pass through here."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from typing import Any, Self

PIECE_BYTES = 65536
SLOW_SECONDS = 0.05


class Line:
    """A port of its own; what connects to it is connected to another port of this machine."""

    def __init__(self, network: Network, port: int) -> None:
        self.network, self.target = network, port
        self.is_cut = self.is_slow = False
        self.lost_answers = 0.0  # which part of them
        self.open: set[asyncio.StreamWriter] = set()
        self.passing = asyncio.Event()
        self.passing.set()
        self.server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """Where to connect to."""
        assert self.server
        return int(self.server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        """End all connections, and each new one at once."""
        self.is_cut = True
        self.network.call(self.end)

    def stall(self) -> None:
        """Let nothing pass, and nobody know of it."""
        self.network.call(self.passing.clear)

    def mend(self) -> None:
        """Let everything pass again; what waited, too."""
        self.is_cut = self.is_slow = False
        self.lost_answers = 0.0
        self.network.call(self.passing.set)

    def end(self) -> None:
        """End all connections without a word."""
        for writer in self.open:
            writer.transport.abort()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what a client says, and what it is answered."""
        both = [writer]
        self.open.add(writer)
        try:
            await self.passing.wait()
            if self.is_cut:
                return
            answers, asking = await asyncio.open_connection("127.0.0.1", self.target)
            both.append(asking)
            self.open.add(asking)
            await asyncio.gather(
                self._pass(reader, asking), self._pass(answers, writer, are_answers=True)
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for each in both:
                self.open.discard(each)
                each.transport.abort()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        are_answers: bool = False,
    ) -> None:
        while piece := await reader.read(PIECE_BYTES):
            await self.passing.wait()
            if self.is_slow:
                await asyncio.sleep(SLOW_SECONDS)
            if are_answers and random.random() < self.lost_answers:  # noqa: S311 - no secret
                raise ConnectionResetError
            writer.write(piece)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


class Network:
    """Lines, each to a port, as long as the block runs."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.lines: list[Line] = []

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def line(self, port: int) -> Line:
        """Make a line to a port."""
        made = Line(self, port)
        opening = asyncio.start_server(made.connected, "127.0.0.1", 0)
        made.server = asyncio.run_coroutine_threadsafe(opening, self.loop).result()
        self.lines.append(made)
        return made

    def call(self, do: Any) -> None:
        """Do something in the thread in which everything passes."""
        self.loop.call_soon_threadsafe(do)

    async def _close(self) -> None:
        for line in self.lines:
            assert line.server
            line.server.close()
            line.end()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
