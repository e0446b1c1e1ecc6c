"""The real Broker, as the scenarios of `tests/broker` want one."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import requests

from tests.broker.stand import WAIT, Subscriber, Trigger, binary
from tests.knative.eventing import NAMESPACE as EVENTING
from tests.knative.kubernetes import Object, is_ready
from tests.knative.names import host
from tests.knative.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.knative.cluster import Cluster

NAMESPACE = "conformance"
VERSION = "eventing.knative.dev/v1"
# Long enough for the filter to learn of a Trigger that is just ready: until then it answers 404.
DELIVERY = {"retry": 2, "backoffPolicy": "exponential", "backoffDelay": "PT0.2S"}
_numbers = itertools.count()


class RealBroker:
    """A Broker of a test's own with its Triggers."""

    def __init__(
        self, cluster: Cluster, triggers: Mapping[str, Trigger], dead_letters: Subscriber
    ) -> None:
        self.name = f"broker-{next(_numbers)}"
        self.session = requests.Session()
        ingress = cluster.names.ports[host(EVENTING, "broker-ingress")]
        self.url = f"http://127.0.0.1:{ingress}/{NAMESPACE}/{self.name}"
        self.kubernetes = cluster.kubernetes
        urls = {name: trigger.subscriber.url for name, trigger in triggers.items()}
        urls["dead-letters"] = dead_letters.url
        # First alone: a channel that is not ready calls subscribers ready that it does not serve yet.
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        self._apply(namespace, self._broker(urls))
        self._apply(*(self._trigger(name, t.spec, urls) for name, t in triggers.items()))

    def post(self, headers: Mapping[str, str], body: bytes = b"") -> requests.Response:
        encoded = {name: value.encode() for name, value in headers.items()}
        return self.session.post(self.url, data=body, headers=encoded, timeout=WAIT)

    def send(self, attributes: Mapping[str, str], body: bytes = b"") -> None:
        response = self.post(binary(attributes), body)
        assert response.status_code == 202, response.text

    def settle(self) -> None:
        """Do nothing: with the in-memory channel, an answer says that all is done."""

    def close(self) -> None:
        self.session.close()

    def _apply(self, *objects: Object) -> None:
        if objects:
            self.kubernetes.apply(objects)
            wait_for(f"{self.name} is ready", lambda: self._are_ready(objects))

    def _are_ready(self, objects: tuple[Object, ...]) -> bool:
        wanted = {item["metadata"]["name"] for item in objects if item["kind"] != "Namespace"}
        found = {
            item["metadata"]["name"]
            for kind in ("brokers", "triggers")
            for item in self.kubernetes.items(f"/apis/{VERSION}/namespaces/{NAMESPACE}/{kind}")
            if is_ready(item)
        }
        return wanted <= found

    def _broker(self, urls: Mapping[str, str]) -> Object:
        sink = {"deadLetterSink": {"uri": urls["dead-letters"]}}
        return _object("Broker", self.name, {"delivery": DELIVERY | sink})

    def _trigger(self, name: str, spec: Mapping[str, Any], urls: Mapping[str, str]) -> Object:
        content = {"broker": self.name, "subscriber": {"uri": urls[name]}, **spec}
        if "deadLetterSink" in spec.get("delivery", {}):
            own = urls[spec["delivery"]["deadLetterSink"]["ref"]["name"]]
            content["delivery"] = {**spec["delivery"], "deadLetterSink": {"uri": own}}
        return _object("Trigger", f"{self.name}-{name}", content)


def _object(kind: str, name: str, spec: Mapping[str, Any]) -> Object:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": VERSION, "kind": kind, "metadata": metadata, "spec": dict(spec)}
