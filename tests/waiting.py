"""Wait for what has to happen, never for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Long enough for a machine that has a lot to do: only what never happens takes that long.
PATIENCE_SECONDS = 90


def wait_until(condition: Callable[[], Any]) -> None:
    """Wait until it is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)
