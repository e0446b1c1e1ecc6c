"""Keep each deployment of a service as a row of deployments, as the log of CDEvents reports it."""

from __future__ import annotations

from cloudevents.http import CloudEvent
from parliament import Context

from dora.event_log import follow, wake_others
from dora.function import on_event


@on_event
def main(context: Context) -> CloudEvent | None:
    """Follow the log with one recorded event, or with all that was missed; then wake who is behind."""
    follow("deployment-frequency", context.cloud_event)
    return wake_others("deployment-frequency", context)
