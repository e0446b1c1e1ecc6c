"""Serve the Broker stand-in: `python -m local.serve_broker PORT SERVICE=URL ...`.

Environment: DORA_STACK, what GET / says of the stack that it is part of, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
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
    addresses = dict(service.split("=", 1) for service in services)
    stack = json.loads(os.environ.get("DORA_STACK", "null"))
    asyncio.run(serve(manifests, addresses, int(port), stack))


if __name__ == "__main__":
    main()
