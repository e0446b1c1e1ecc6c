"""Serve a function by func-python, the successor of parliament. Tried, and not used: docs/adr has why.

Its environment has func-python and cloudevents 2, which keeps the interface of before in `cloudevents.v1`;
what imports that is led to it.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from dora.limits import BATCH, body_limit

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication

V1 = ("cloudevents.http", "cloudevents.conversion", "cloudevents.exceptions")


def lead_imports() -> None:
    """Lead the imports of before to where those things are now; before any of them is made."""
    for name in V1:
        sys.modules[name] = importlib.import_module(
            name.replace("cloudevents", "cloudevents.v1", 1)
        )


def serve(app: WSGIApplication, ready: Callable[[], tuple[str, int]]) -> None:
    """Serve a function's application until SIGTERM or SIGINT.

    Args:
        app: what `dora.serve.create` made.
        ready: returns a sentence and the status that says whether it is ready.
    """
    from func_python.http import ASGIApplication  # noqa: PLC0415 - there only where it is tried

    os.environ["LISTEN_ADDRESS"] = (
        f"{os.environ.get('ADDRESS', '0.0.0.0')}:{os.environ.get('PORT', '8080')}"  # noqa: S104 - a container's own
    )
    ASGIApplication(_Function(app, ready)).serve()


class _Function:
    """What func-python calls a function: `handle` for each request, `ready` for its probe."""

    def __init__(self, app: WSGIApplication, ready: Callable[[], tuple[str, int]]) -> None:
        from hypercorn.app_wrappers import WSGIWrapper  # noqa: PLC0415

        self._app = WSGIWrapper(app, 4 * max(body_limit(""), body_limit(BATCH)))
        self._ready = ready

    def ready(self) -> tuple[bool, str]:
        """Return whether it is ready, with a sentence."""
        sentence, status = self._ready()
        return status < 400, sentence  # noqa: PLR2004 - HTTP's

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request in a thread, for handlers wait for the database."""
        loop = asyncio.get_running_loop()

        def call(function: Any, *arguments: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(function(*arguments), loop).result()

        await self._app(scope, receive, send, partial(loop.run_in_executor, None), call)
