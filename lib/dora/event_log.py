"""Keep what is computed up to date with the log of CDEvents and with the catalog."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cloudevents.http import CloudEvent

from dora import catalog, database, rebuilding
from dora.causes import is_from_broker
from dora.timeline import catch_up, follow_event, renew

if TYPE_CHECKING:
    from dora.context import Context

# A tick comes every minute and its answer is waited for; what is left is for the next tick.
CATCH_UP_SECONDS = 20
# For one event that is late by very many others, after which nothing else could be applied if it
# were given up.
STATEMENT_SECONDS = 1800
TICK, BEHIND = "dev.knative.sources.ping", "dev.dora.behind"


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


def wake_others(metric: str, context: Context) -> CloudEvent | None:
    """Return the event that wakes the metrics which have something to do, if a Broker asks at a tick.

    The tick comes to one metric alone. The others sleep until an event of theirs comes, or this one,
    which names them by an extension attribute each: the metric's name without hyphens.

    Args:
        metric: name of the folder in sql/metrics of the metric that the tick comes to.
        context: of a request that this metric has followed.
    """
    event = context.cloud_event
    if event["type"] != TICK or not is_from_broker(context.request.headers):
        return None
    others = [name for name in rebuilding.metrics() if name != metric]
    behind = [name for [name] in database.run("metrics/find_behind", metrics=others)]
    if not behind:
        return None
    named = {name.replace("-", ""): "true" for name in behind}
    return CloudEvent({"type": BEHIND, "source": event["source"], "catchup": "true", **named}, {})
