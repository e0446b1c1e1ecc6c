"""Keep whether each deployment is rework, and why, as a row of deployment_reworks."""

from __future__ import annotations

from parliament import Context

from dora.function import on_event
from dora.metrics import follow


@on_event
def main(context: Context) -> None:
    """Follow the log with one recorded service or incident event, or with all that was missed."""
    follow("deployment-rework-rate", context.cloud_event)
