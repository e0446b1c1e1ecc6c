"""What a tool reports, as it sends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Report:
    """A webhook, or an event of a cluster.

    Attributes:
        when: it was sent.
        tool: github, pagerduty or kubernetes.
        kind: what the tool calls this kind of report.
        id: the tool's own, which stays when it sends again.
        payload: the webhook's body; of Kubernetes the whole CloudEvent.
    """

    when: datetime
    tool: str
    kind: str
    id: str
    payload: dict[str, Any]


def rfc3339(moment: datetime) -> str:
    """Return a moment as tools write it, in whole seconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
