"""What a handler sees of a request: ours, so that no server's and no framework's own is known to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug import Request


@dataclass
class Context:
    """A request as it came, and the CloudEvent that it carries, once `dora.function.on_event` has read it."""

    request: Request
    cloud_event: Any = None
