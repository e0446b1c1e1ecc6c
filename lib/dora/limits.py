"""How much a function takes at once.

Environment: MAX_BODY_BYTES (1 MiB) for an event, by itself or in a batch; MAX_BATCH_BYTES (as much)
for a whole batch.
"""

from __future__ import annotations

import os

BATCH = "application/cloudevents-batch+json"
MAX_BODY_BYTES = 1024 * 1024


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
