"""The real Broker, as the scenarios of `tests/broker` want one."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from tests.broker.stand import (
    DELIVERY,
    RunningBroker,
    Subscriber,
    Trigger,
    binary,
    manifest,
)
from tests.knative.eventing import NAMESPACE as EVENTING
from tests.knative.kubernetes import Object, is_ready
from tests.knative.names import host
from tests.knative.probe import wait_until_served
from tests.knative.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.knative.cluster import Cluster

NAMESPACE = "conformance"
TRIGGERS = f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/triggers"
_numbers = itertools.count()


class RealBroker(RunningBroker):
    """A Broker of a test's own with its Triggers."""

    explains = False

    def __init__(
        self, cluster: Cluster, triggers: Mapping[str, Trigger], dead_letters: Subscriber
    ) -> None:
        super().__init__()
        self.name = f"broker-{next(_numbers)}"
        self.path = f"/{NAMESPACE}/{self.name}"
        self.root = f"http://127.0.0.1:{cluster.names.ports[host(EVENTING, 'broker-ingress')]}"
        self.kubernetes = cluster.kubernetes
        urls = {name: each.subscriber.url for name, each in triggers.items()}
        delivery = DELIVERY | _dead_letter_sink(dead_letters.url)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        objects = [namespace, manifest("Broker", NAMESPACE, self.name, {"delivery": delivery})]
        objects += [self._trigger(name, each, urls) for name, each in triggers.items()]
        self.kubernetes.apply(objects)
        wait_for(f"the Triggers of {self.name} are ready", self._triggers_are_ready)
        wait_until_served(
            self.kubernetes, NAMESPACE, self.name, lambda probe: self.post(binary(probe))
        )

    def settle(self) -> None:
        """Do nothing: with the in-memory channel, an answer says that all is done."""

    def _triggers_are_ready(self) -> bool:
        mine = f"labelSelector=eventing.knative.dev/broker={self.name}"
        return all(is_ready(item) for item in self.kubernetes.items(f"{TRIGGERS}?{mine}"))

    def _trigger(self, name: str, wanted: Trigger, urls: Mapping[str, str]) -> Object:
        spec: dict[str, Any] = {"broker": self.name, "subscriber": {"uri": urls[name]}}
        spec |= wanted.spec
        if "deadLetterSink" in spec.get("delivery", {}):
            own = urls[spec["delivery"]["deadLetterSink"]["ref"]["name"]]
            spec["delivery"] = spec["delivery"] | _dead_letter_sink(own)
        return manifest("Trigger", NAMESPACE, f"{self.name}-{name}", spec)


def _dead_letter_sink(url: str) -> dict[str, Any]:
    return {"deadLetterSink": {"uri": url}}
