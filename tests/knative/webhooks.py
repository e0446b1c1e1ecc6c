"""Lead the API server to webhooks: a CONNECT proxy from a Service's address to a local port."""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.knative.kubernetes import Object

_HEAD_END = b"\r\n\r\n"


def serve_webhooks(socket: Path, ports: Mapping[str, int]) -> None:
    """Serve at a Unix socket, in a thread that ends with this process.

    Args:
        ports: The local port of each Service's address; may be filled later.
    """
    proxy = _Proxy(ports)
    threading.Thread(target=lambda: asyncio.run(proxy.serve(socket)), daemon=True).start()


def egress_settings(socket: Path) -> Object:
    """Let the API server reach webhooks through a proxy: nothing here routes Service addresses."""
    return {
        "apiVersion": "apiserver.k8s.io/v1beta1",
        "kind": "EgressSelectorConfiguration",
        "egressSelections": [
            {
                "name": "cluster",
                "connection": {
                    "proxyProtocol": "HTTPConnect",
                    # Over TCP without TLS this version of the API server crashes.
                    "transport": {"uds": {"udsName": str(socket)}},
                },
            }
        ],
    }


class _Proxy:
    def __init__(self, ports: Mapping[str, int]) -> None:
        self.ports = ports

    async def serve(self, socket: Path) -> None:
        server = await asyncio.start_unix_server(self._connect, str(socket))
        await server.serve_forever()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(_HEAD_END)
            address = head.split()[1].decode().partition(":")[0]
            if address not in self.ports:
                writer.write(b"HTTP/1.1 502 no such Service" + _HEAD_END)
                return
            server = await asyncio.open_connection("127.0.0.1", self.ports[address])
            writer.write(b"HTTP/1.1 200 OK" + _HEAD_END)
            await asyncio.gather(_copy(reader, server[1]), _copy(server[0], writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with closing(writer), suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
