"""How much a function takes at once, and how long what it is given may be.

Environment: MAX_BODY_BYTES (1 MiB) for an event, by itself or in a batch; MAX_BATCH_BYTES (as much)
for a whole batch; LEAST_BYTES_A_VALUE (12) of large JSON, 0 where any is taken.
"""

from __future__ import annotations

import os
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

BATCH = "application/cloudevents-batch+json"
MAX_BODY_BYTES = 1024 * 1024
# In UTF-8. An entry of an index may have 2,704 bytes, and the widest has a service, an environment,
# a target (an environment, a source and a uid), a fingerprint, a source and an id.
NAME_BYTES, ENVIRONMENT_BYTES, UID_BYTES, FINGERPRINT_BYTES = 400, 255, 256, 128
# What stands in an index with two names at most: artifacts as package URLs; CloudEvents' attributes.
ARTIFACT_BYTES = ATTRIBUTE_BYTES = 1024
# JSON takes many times its size while it is read, most where it holds hardly more than brackets and
# commas; no tool's has more of them than this.
FEW_VALUES, LEAST_BYTES_A_VALUE = 50_000, 12
_few_large_at_a_time = threading.BoundedSemaphore(4)
_one_large_at_a_time = threading.Lock()


def event_limit() -> int:
    """Return how many bytes one event may have."""
    return int(os.environ.get("MAX_BODY_BYTES", MAX_BODY_BYTES))


def body_limit(content_type: str) -> int:
    """Return how many bytes a body of this content type may have."""
    limit = event_limit()
    return int(os.environ.get("MAX_BATCH_BYTES", limit)) if is_batch(content_type) else limit


def is_batch(content_type: str) -> bool:
    """Return whether a body of this content type is a batch of CloudEvents."""
    return content_type.partition(";")[0].strip().lower() == BATCH


def too_large(size: int, limit: int) -> str | None:
    """Say what is wrong with a size above the limit."""
    return f"expected at most {limit} bytes, got {size}" if size > limit else None


def too_long(text: str, limit: int) -> str | None:
    """Say what is wrong with text that has more bytes in UTF-8 than the limit."""
    if len(text) * 4 <= limit:
        return None
    return too_large(len(text.encode(errors="replace")), limit)


def too_dense(body: bytes) -> str | None:
    """Say what is wrong with JSON that would take more memory than a function has."""
    least = int(os.environ.get("LEAST_BYTES_A_VALUE", LEAST_BYTES_A_VALUE))
    most = max(FEW_VALUES, len(body) // least) if least else len(body)
    values = sum(body.count(mark) for mark in (b",", b"[", b"{"))
    if values <= most:
        return None
    return f"expected at most {most} values in {len(body)} bytes of JSON, got {values}"


def few_if_large(size: int) -> AbstractContextManager[object]:
    """Let four requests at a time do the block, of those that may take many times their size."""
    return _few_large_at_a_time if size > FEW_VALUES else nullcontext()


def alone_if_large(size: int) -> AbstractContextManager[object]:
    """Let one request at a time do the block, of those that are larger than an event may be."""
    return _one_large_at_a_time if size > MAX_BODY_BYTES else nullcontext()
