"""Which connection functions use that are called in this process, one after the other.

Each is called as its own role, and a thread has one connection: so it is closed before another role's
function is called. Where one database is used for long, all are kept, with the plans that they have made.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dora import database

Key = tuple[str | None, ...]


class _Known(threading.local):
    """Whose the connection is that this thread has, and what is kept of the others."""

    used: Key = ()
    parked: dict[Key, dict[str, Any]] | None = None


_known = _Known()


def change(role: str | None) -> None:
    """Let the thread have no connection, or the kept one, of this role."""
    if _known.parked is None:
        if _known.used[:1] != (role,):
            database.close()
            _known.used = (role,)
        return
    key = (role, *map(os.environ.get, ("PGPORT", "PGDATABASE", "PGOPTIONS")))
    if key != _known.used:
        own = vars(database._kept)
        _known.parked[_known.used] = dict(own)
        own.clear()
        own.update(_known.parked.pop(key, {}))
        _known.used = key


@contextmanager
def kept() -> Iterator[None]:
    """Keep the connections of all roles until the block ends."""
    close()
    around, _known.parked = _known.parked, {}
    try:
        yield
    finally:
        close()
        _known.parked = around


def forget() -> None:
    """Let no connection know what was in its database, such as a catalog."""
    for each in [vars(database._kept), *(_known.parked or {}).values()]:
        if each.get("connection") is not None:
            each["seen"] = {}


def close() -> None:
    """Close the connections of all roles."""
    for each in [*(_known.parked or {}).values(), {}]:
        database.close()
        vars(database._kept).clear()
        vars(database._kept).update(each)
    if _known.parked is not None:
        _known.parked.clear()
    _known.used = ()
