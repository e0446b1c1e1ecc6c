"""A folder in memory for the databases of tests, where the machine has room for them.

PostgreSQL copies 800 files to make a database and removes them to drop it: in memory that takes a tenth
of the time that it takes on a disk.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's own; elsewhere there is none
ROOM_BYTES = 2 << 30  # several times what two workers use
PREFIX = "dora-"
YOUNG_SECONDS = 60


@contextmanager
def folder() -> Iterator[Path]:
    """Make a folder that others may enter, too, for as long as the block lasts; on disk without room."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_BYTES
    if has_room:
        _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=MEMORY if has_room else None) as made:
        Path(made).chmod(0o755)
        with _locked(Path(made)):
            yield Path(made)


def _remove_abandoned() -> None:
    """Remove what killed runs left, whose memory nobody would get back: nobody holds its lock."""
    for left in MEMORY.glob(f"{PREFIX}*"):
        with suppress(OSError):  # it is in use, somebody else's or just gone
            if time.time() - left.stat().st_mtime > YOUNG_SECONDS:
                with _locked(left):
                    shutil.rmtree(left)


@contextmanager
def _locked(made: Path) -> Iterator[None]:
    """Hold the folder's lock, which ends with this process.

    Raises:
        OSError: somebody else holds it.
    """
    opened = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)
