"""Wait until a Broker serves its Triggers, which is later than they are ready.

A Trigger is ready when the dispatcher of its Broker's channel has heard of it, even if it does not
deliver to it yet because the channel's own status is behind; and the filter answers 404 for a
Trigger that it has not heard of. But both learn in order: the dispatcher takes its list of
subscribers as a whole, the filter hears of one Trigger after another. So a Trigger that is made
when all others are ready is the last that is served.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tests.broker.stand import PROBE, Subscriber, event, exact, manifest
from tests.knative.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from tests.broker.stand import Received
    from tests.knative.kubernetes import Kubernetes

_numbers = itertools.count()


def wait_until_served(
    kubernetes: Kubernetes,
    namespace: str,
    broker: str,
    send: Callable[[Received], requests.Response],
) -> None:
    """Make a Broker's last Trigger and send events until one comes there."""
    number, last = str(next(_numbers)), Subscriber()
    spec = {"broker": broker, "subscriber": {"uri": last.url}, **exact(type=PROBE, id=number)}
    kubernetes.apply([manifest("Trigger", namespace, f"{broker}-probe-{number}", spec)])
    # No Trigger of the project takes such a tick but Sockeye's, where that is on.
    probe = event(type=PROBE, id=number, catchup="true")
    # An answer says that the event has gone all its way: nothing of it comes later.
    wait_for(f"{broker} serves its Triggers", lambda: send(probe) and last.probed.is_set())
    last.close()
