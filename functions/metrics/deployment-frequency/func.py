"""Keep each deployment of a service as a row of deployments, as the log of CDEvents reports it."""

from __future__ import annotations

from parliament import Context

from dora.event_log import follow
from dora.function import on_event


@on_event
def main(context: Context) -> None:
    """Follow the log with one recorded event, or with all that was missed."""
    follow("deployment-frequency", context.cloud_event)
