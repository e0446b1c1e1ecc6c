"""Keep what each deployment shipped, with its lead time, as rows of shipped_changes."""

from __future__ import annotations

from parliament import Context

from dora.event_log import follow
from dora.function import on_event


@on_event
def main(context: Context) -> None:
    """Follow the log with one recorded service, change or artifact event, or with all that was missed."""
    follow("lead-time-for-changes", context.cloud_event)
