"""Keep the rows of my-metric, as the log of CDEvents reports them."""

from __future__ import annotations

from parliament import Context

from dora.event_log import follow
from dora.function import on_event


@on_event
def main(context: Context) -> None:
    """Follow the log with one recorded event, or with all that was missed."""
    follow("my-metric", context.cloud_event)
