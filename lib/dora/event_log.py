"""Keep what is computed up to date with the log of CDEvents and with the catalog."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dora import catalog, database, rebuilding
from dora.timeline import catch_up, follow_event, renew

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

# A tick comes every minute and its answer is waited for; what is left is for the next tick.
CATCH_UP_SECONDS = 20
# For one event that is late by very many others, after which nothing else could be applied if it
# were given up.
STATEMENT_SECONDS = 1800


def follow(metric: str, event: CloudEvent) -> None:
    """Bring the metric up to date: with a recorded event, or at a tick with all it missed.

    Args:
        metric: name of the metric's folder in sql/metrics.
        event: a recorded CDEvent, or a tick.
    """
    database.wait_up_to(STATEMENT_SECONDS)
    catalog.refresh()
    deadline = time.monotonic() + CATCH_UP_SECONDS
    if "recorded" in event.get_attributes():
        follow_event(metric, event["source"], event["id"], deadline)
    else:
        catch_up(deadline)
        renew(metric, deadline)
        rebuilding.apply_catalog(deadline)
