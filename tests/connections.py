"""Which connection functions use that are called in this process, one after the other.

Each is called as its own role, and a thread has one connection: so it is closed before another role's
function is called. Where one database is used for long, all are kept, with the plans that they have made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dora import database

Key = tuple[str | None, ...]


class _Known:
    """Whose the connection is that the thread has, and what is kept of the others."""

    used: Key = ()
    parked: dict[Key, dict[str, Any]] | None = None


def change(role: str | None) -> None:
    """Let the thread have no connection, or the kept one, of this role."""
    if _Known.parked is None:
        if _Known.used[:1] != (role,):
            database.close()
            _Known.used = (role,)
        return
    key = (role, os.environ.get("PGPORT"), os.environ.get("PGDATABASE"))
    if key != _Known.used:
        own = vars(database._kept)
        _Known.parked[_Known.used] = dict(own)
        own.clear()
        own.update(_Known.parked.pop(key, {}))
        _Known.used = key


@contextmanager
def kept() -> Iterator[None]:
    """Keep the connections of all roles until the block ends."""
    close()
    _Known.parked = {}
    try:
        yield
    finally:
        close()
        _Known.parked = None


def forget() -> None:
    """Let no connection know what was in its database, such as a catalog."""
    for each in [vars(database._kept), *(_Known.parked or {}).values()]:
        if each.get("connection") is not None:
            each["seen"] = {}


def close() -> None:
    """Close the connections of all roles."""
    for each in [*(_Known.parked or {}).values(), {}]:
        database.close()
        vars(database._kept).clear()
        vars(database._kept).update(each)
    if _Known.parked is not None:
        _Known.parked.clear()
    _Known.used = ()
