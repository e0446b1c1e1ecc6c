"""Serve the function of a folder: `python -m dora.serve FOLDER`.

It is what parliament's server is, and what a function needs on Knative besides: `$PORT`, every path and
method, a limit to what comes in, readiness that asks the database, and a stop that finishes the requests
in hand.

Environment: PORT (8080), ADDRESS (0.0.0.0), THREADS (4), LOG_LEVEL (INFO), and those of
`dora.limits`. SERVER (waitress): func-python serves by `dora.successor`.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from dora import clients, together
from dora.context import Context
from dora.errors import TemporaryError
from dora.limits import FEW_VALUES, body_limit, few_if_large, too_dense, too_large

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

STOP_SECONDS = 20


def main() -> None:
    """Serve the folder named by the first argument until SIGTERM or SIGINT."""
    logging.basicConfig(
        level=os.environ.get("LOG_LEVEL", "INFO"), format="%(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    if os.environ.get("SERVER") == "func-python":
        from dora import successor  # noqa: PLC0415 - what it needs is there only where it is tried

        successor.lead_imports()
        app = create(load(sys.argv[1]))
        together.start()
        successor.serve(app, _readiness)
        return
    host, port = os.environ.get("ADDRESS", "0.0.0.0"), int(os.environ.get("PORT", "8080"))  # noqa: S104 - a container's own address
    server = clients.server(create(load(sys.argv[1])), host, port)
    together.start()
    logging.getLogger(__name__).info("serving %s on %s:%d", sys.argv[1], host, port)
    _run_until_told_to_stop(server)


def create(function: ModuleType) -> WSGIApplication:
    """Make the web application of a function: a module that has `main(context)`."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Else it would be in what it has, and stay in memory with its body until such circles are looked for.
        request = Request(environ, populate_request=False)
        return Response(*_answer(function, request))(environ, start_response)

    return application


def _answer(function: ModuleType, request: Request) -> Any:
    if request.path in PROBES and request.method in ("GET", "HEAD"):
        return PROBES[request.path]()
    size = request.content_length or 0
    if sentence := too_large(size, body_limit(request.content_type or "")):
        return sentence, 413
    with few_if_large(size):
        if size > FEW_VALUES and (sentence := too_dense(request.get_data())):
            return sentence, 400
        return function.main(Context(request))


def load(folder: str) -> ModuleType:
    """Load the function of a folder: its `func.py`, which finds what is beside it."""
    sys.path.append(os.path.realpath(folder))
    sys.modules["parliament"] = _in_the_place_of_parliament()
    return importlib.import_module("func")


def _in_the_place_of_parliament() -> ModuleType:
    """Return what a func.py imports by that name, by which `func` knows how to build it.

    parliament's own would import Flask, which serves nothing here and takes as long as all the rest.
    """
    parliament = ModuleType("parliament")
    parliament.Context = Context  # type: ignore[attr-defined]
    return parliament


def _liveness() -> tuple[str, int]:
    return "OK", 200


def _readiness() -> tuple[str, int]:
    # A function that never imported dora.database has no database to wait for.
    database = sys.modules.get("dora.database")
    try:
        if database is not None:
            together.in_turn(database.ping)
    except TemporaryError as error:
        return str(error), 503
    return "OK", 200


PROBES = {"/health/liveness": _liveness, "/health/readiness": _readiness}


def _run_until_told_to_stop(server: Any) -> None:
    told: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        told.append(number)
        server.pull_trigger()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    looked_at = time.monotonic()
    while not told:
        _turn(server)
        if time.monotonic() - looked_at > 1:
            looked_at = time.monotonic()
            clients.drop_silent(server.active_channels.values(), time.time())
    _finish_requests_in_hand(server)


def _finish_requests_in_hand(server: Any) -> None:
    server.del_channel()
    server.socket.close()
    deadline = time.monotonic() + STOP_SECONDS
    while any(map(_is_busy, server.active_channels.values())) and time.monotonic() < deadline:
        _turn(server)
    server.task_dispatcher.shutdown()


def _is_busy(channel: Any) -> bool:
    return bool(channel.request or channel.requests or channel.total_outbufs_len)


def _turn(server: Any) -> None:
    # poll(), for select() knows no more than 1,024 connections.
    server.asyncore.loop(timeout=1, map=server._map, count=1, use_poll=True)  # noqa: SLF001 - waitress has no public loop


if __name__ == "__main__":
    main()
