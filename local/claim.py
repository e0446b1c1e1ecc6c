"""One stack a data folder: a second start says who runs, where, and how to stop it."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import requests

from local.processes import StackError, is_listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.stack import Settings

SECONDS = 2


@contextmanager
def claimed(settings: Settings) -> Iterator[None]:
    """Keep the data folder to this process while the block runs.

    Raises:
        StackError: another process has it, or it cannot be a folder.
    """
    import fcntl  # noqa: PLC0415 - Windows has none

    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        claim = (settings.data / "running.json").open("a+")
    except OSError as error:
        raise StackError(f"{settings.data} cannot be a folder: {error.strerror}") from error
    with claim:
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StackError(_runs_already(_read(settings.data / "running.json"))) from error
        claim.truncate(0)
        claim.write(json.dumps(stack_of(settings)))
        claim.flush()
        yield
        claim.truncate(0)


def stack_of(settings: Settings) -> dict[str, Any]:
    """Return what others are to know of the stack of this process."""
    page = f"http://127.0.0.1:{settings.metrics_port}/"
    return {"pid": os.getpid(), "data": str(settings.data.resolve()), "page": page}


def _read(file: Path) -> dict[str, Any]:
    """Return who has claimed a folder; at the same moment it may not have said so yet."""
    deadline = time.monotonic() + SECONDS
    while not (text := file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    found: dict[str, Any] = json.loads(text or "{}")
    return found


def _runs_already(who: dict[str, Any]) -> str:
    if not who:
        return "another start of it is under way"
    return (
        f"it runs already: process {who['pid']}, with its data in {who['data']} and its page at"
        f" {who['page']}; Ctrl-C where it was started, or `kill {who['pid']}`, stops it"
    )


def require_free_ports(wanted: dict[str, int]) -> None:
    """Return if nobody listens at the ports, which are named as in the settings.

    Raises:
        StackError: somebody does; with who it is where it is another stack.
    """
    for name, port in wanted.items():
        if is_listening(port):
            other = _stack_at(wanted["BROKER"])
            said = f"{_runs_already(other)}; " if other else ""
            mend = "to run a second one" if other else "stop what listens there"
            raise StackError(f"{said}port {port} is taken; {mend}, or set DORA_{name}_PORT")


def _stack_at(port: int) -> dict[str, Any] | None:
    """Return the stack whose Broker listens at a port, if one does."""
    with suppress(requests.RequestException, ValueError, AttributeError):
        found: dict[str, Any] = requests.get(f"http://127.0.0.1:{port}/", timeout=SECONDS).json()
        return found.get("stack")
    return None
