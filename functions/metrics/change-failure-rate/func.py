"""Keep whether each deployment failed, and why, as a row of deployment_failures."""

from __future__ import annotations

from parliament import Context

from dora.event_log import follow
from dora.function import on_event


@on_event
def main(context: Context) -> None:
    """Follow the log with one recorded service or incident event, or with all that was missed."""
    follow("change-failure-rate", context.cloud_event)
