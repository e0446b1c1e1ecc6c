"""Keep whether each deployment failed, and why, as a row of deployment_failures."""

from __future__ import annotations

from parliament import Context

from dora.function import on_event
from dora.metrics import follow


@on_event
def main(context: Context) -> None:
    """Follow the log with one recorded service or incident event, or with all that was missed."""
    follow("change-failure-rate", context.cloud_event)
