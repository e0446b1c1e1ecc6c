"""Serve the Broker stand-in: `python -m local.serve_broker PORT SERVICE=URL ...`."""

from __future__ import annotations

import asyncio
import logging
import sys

from local.broker import serve
from local.functions import REPOSITORY


def main() -> None:
    """Serve the project's Broker, Triggers and PingSources for the named services."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    port, *services = sys.argv[1:]
    manifests = [
        file
        for folder in ("broker", "triggers", "sources")
        for file in sorted((REPOSITORY / folder).glob("*.yaml"))
    ]
    asyncio.run(serve(manifests, dict(service.split("=", 1) for service in services), int(port)))


if __name__ == "__main__":
    main()
