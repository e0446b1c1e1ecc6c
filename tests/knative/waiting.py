"""Wait for what has to happen, never for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from local.processes import StackError

if TYPE_CHECKING:
    from collections.abc import Callable

# A tick comes once a minute, and one may be missed.
PATIENCE_SECONDS = 180
Value = TypeVar("Value")


def wait_for(what: str, condition: Callable[[], Value], seconds: float = PATIENCE_SECONDS) -> Value:
    """Wait until the condition gives something, and give that.

    Raises:
        StackError: it did not happen in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise StackError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.05)
