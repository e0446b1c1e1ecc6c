"""Knative's event_display, which prints what it gets, in Sockeye's place.

It listens at port 8080 and nothing changes that, but here 8080 is the in-memory channel's. So it gets
a network of its own: `python -m tests.knative.event_display PORT PROGRAM` takes connections at a
port of this network and hands them on into the other.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import re
import socket
import struct
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from local.processes import answers, free_port
from tests.knative.daemons import daemon, with_last_signal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.broker.stand import Received
    from tests.knative.tools import Tools

PORT = 8080
BEGINNING = "☁️  cloudevents.Event\n".encode()
ATTRIBUTE = re.compile(r"^  (\w+): (.*)$", re.MULTILINE)
# From Linux' headers: sched.h, sockios.h and if.h.
CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8914, 1


class EventDisplay:
    """The program, and the attributes of the events that it has printed."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        port = free_port()
        program = str(tools.program("event_display"))
        command = [sys.executable, "-m", "tests.knative.event_display", str(port), program]
        self.url = f"http://127.0.0.1:{port}"
        self._program = daemon("event_display", command, folder, last_signal="TERM")
        self._program.start()
        self._program.wait_until(partial(answers, f"{self.url}/healthz"))
        self._events: list[Received] = []
        self._read_bytes, self._last = 0, b""

    @property
    def events(self) -> list[Received]:
        """What it has printed until now; the last one it may still be printing."""
        with self._program.log.open("rb") as log:
            log.seek(self._read_bytes)
            printed = log.read()
        self._read_bytes += len(printed)
        *whole, self._last = (self._last + printed).split(BEGINNING)
        self._events += filter(None, map(_attributes, whole))
        return [*self._events, *filter(None, [_attributes(self._last)])]

    def close(self) -> None:
        """Stop the program."""
        self._program.stop()


def _attributes(printed: bytes) -> Received:
    return dict(ATTRIBUTE.findall(printed.partition(b"\nData,")[0].decode(errors="replace")))


def may_leave_network() -> bool:
    """Return whether a program may get a network of its own here; root may."""
    child = [sys.executable, "-c", f"import {__name__} as own; own.leave_network()"]
    return subprocess.run(child, capture_output=True, check=False).returncode == 0


def leave_network() -> None:
    """Go on in a new network that has nothing but a loopback interface; open sockets stay.

    Raises:
        OSError: this process may not.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no network of its own")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))


async def _hand_on(outside: socket.socket) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside_reader, inside_writer = await asyncio.open_connection("127.0.0.1", PORT)
        await asyncio.gather(_copy(reader, inside_writer), _copy(inside_reader, writer))

    server = await asyncio.start_server(connect, sock=outside)
    await server.serve_forever()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while some := await reader.read(65536):
        writer.write(some)
        await writer.drain()
    writer.close()


def main() -> None:
    """Start the program in a new network, and hand connections on until this one is ended."""
    port, program = sys.argv[1:]
    outside = socket.create_server(("127.0.0.1", int(port)))
    leave_network()
    subprocess.Popen(with_last_signal([program], "KILL"))
    asyncio.run(_hand_on(outside))


if __name__ == "__main__":
    main()
