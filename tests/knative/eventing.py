"""Knative Eventing as its release installs it, with the in-memory channel and its Broker."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import yaml

from local.processes import StackError, is_listening
from tests.knative.names import host
from tests.knative.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.knative.kubelet import Kubelet
    from tests.knative.kubernetes import Kubernetes, Object
    from tests.knative.names import Names
    from tests.knative.tools import Tools

NAMESPACE = "knative-eventing"
# In the order of an installation: what others refer to comes first.
MANIFESTS = (
    "config/core/100-namespace.yaml",
    "config/core/resources/*.yaml",
    "config/channels/in-memory-channel/resources/*.yaml",
    "config/core/*-serviceaccount.yaml",
    "config/core/roles/*.yaml",
    "config/core/configmaps/*.yaml",
    "config/channels/in-memory-channel/*-serviceaccount.yaml",
    "config/channels/in-memory-channel/roles/*.yaml",
    "config/channels/in-memory-channel/configmaps/*.yaml",
    "config/brokers/mt-channel-broker/roles/*.yaml",
    "third_party/eventing-integrations-latest/*.yaml",
    "config/core/deployments/controller.yaml",
    "config/core/deployments/pingsource-mt-adapter.yaml",
    "config/core/deployments/webhook.yaml",
    "config/brokers/mt-channel-broker/deployments/broker-*.yaml",
    "config/brokers/mt-channel-broker/deployments/controller.yaml",
    "config/channels/in-memory-channel/deployments/*.yaml",
    "config/core/webhooks/*.yaml",
    "config/channels/in-memory-channel/webhooks/*.yaml",
)
DISPATCHER_PORT = 8080
DISPATCHER_PORTS = (DISPATCHER_PORT, 8443)
# By Service: whose process it leads to, and which variable says its port.
SERVICES = {
    "broker-ingress": ("mt-broker-ingress", "INGRESS_PORT"),
    "broker-filter": ("mt-broker-filter", "FILTER_PORT"),
    "eventing-webhook": ("eventing-webhook", "WEBHOOK_PORT"),
    "inmemorychannel-webhook": ("imc-controller", "WEBHOOK_PORT"),
}
# What Knative Serving lets a SinkBinding do, by an aggregated role of Knative Eventing's.
BINDING_OF_SERVICES = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {
        "name": "knative-serving-podspecable-binding",
        "labels": {"duck.knative.dev/podspecable": "true"},
    },
    "rules": [
        {
            "apiGroups": ["serving.knative.dev"],
            "resources": ["configurations", "services"],
            "verbs": ["list", "watch", "patch"],
        }
    ],
}
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1"


class AnchorsAgain(yaml.SafeLoader):
    """YAML 1.2, in which an anchor may be set again, as 1.12's manifests do."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Forget an anchor of the same name before another one is set."""
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)  # type: ignore[no-untyped-call]
        return super().compose_node(parent, index)


def require_ports() -> None:
    """Require the ports that cannot be others.

    Raises:
        StackError: one is taken.
    """
    for port in DISPATCHER_PORTS:
        if is_listening(port):
            raise StackError(
                f"port {port} is taken; Knative's in-memory channel knows no other, "
                "so stop what listens there"
            )


def install(kubernetes: Kubernetes, tools: Tools) -> None:
    """Apply Knative Eventing's objects, and of Knative Serving the type Service with its role."""
    service = _objects(tools, "serving", "config/core/300-resources/service.yaml")
    kubernetes.apply([*service, BINDING_OF_SERVICES])
    kubernetes.apply(item for pattern in MANIFESTS for item in _objects(tools, "eventing", pattern))


def start(kubelet: Kubelet, names: Names, webhook_ports: dict[str, int]) -> None:
    """Start its programs and lead their Services' names and addresses to them."""
    # First, because the others offer their health at 8080 too; they do without if it is taken.
    dispatcher = kubelet.run(kubelet.deployment(NAMESPACE, "imc-dispatcher"))
    dispatcher.wait_until(lambda: is_listening(DISPATCHER_PORT))
    kubelet.run_deployments()
    ports = {service: _port(kubelet, *target) for service, target in SERVICES.items()}
    names.lead(
        {host(NAMESPACE, service): port for service, port in ports.items()}
        # Each channel has a Service that is another name of the dispatcher's.
        | {r"~-kn-channel\.": DISPATCHER_PORT, host(NAMESPACE, "imc-dispatcher"): DISPATCHER_PORT}
    )
    for service in kubelet.kubernetes.items(f"/api/v1/namespaces/{NAMESPACE}/services"):
        if service["metadata"]["name"] in ports:
            webhook_ports[service["spec"]["clusterIP"]] = ports[service["metadata"]["name"]]


def wait_until_ready(kubernetes: Kubernetes, names: Names) -> None:
    """Wait until objects are checked by the webhooks, and the Broker's programs listen."""
    wait_for("the webhooks are registered", lambda: _webhooks_are_registered(kubernetes))
    for service in ("broker-ingress", "broker-filter"):
        port = names.ports[host(NAMESPACE, service)]
        wait_for(f"{service} listens", partial(is_listening, port))


def _port(kubelet: Kubelet, deployment: str, variable: str) -> int:
    return int(kubelet.programs[NAMESPACE, deployment].environment[variable])


def _webhooks_are_registered(kubernetes: Kubernetes) -> bool:
    """Return whether each webhook's own program has written what it wants to be asked about."""
    registered = [
        webhook["clientConfig"].get("caBundle") and webhook.get("rules")
        for kind in ("mutating", "validating")
        for item in kubernetes.items(f"{WEBHOOKS}/{kind}webhookconfigurations")
        for webhook in item["webhooks"]
        # It gets its rules with the first SinkBinding.
        if not webhook["name"].startswith("sinkbindings.")
    ]
    return all(registered)


def _objects(tools: Tools, module: str, pattern: str) -> Iterator[Object]:
    for file in sorted(tools.manifests(module).glob(pattern)):
        for item in yaml.load_all(file.read_text(), AnchorsAgain):
            if item:
                yield _adapted(json.loads(json.dumps(item, default=str)))


def _adapted(item: Any) -> Object:
    """Leave out of Serving's type what only Serving's webhook could do."""
    if item["kind"] == "CustomResourceDefinition" and item["spec"]["group"].startswith("serving."):
        item["spec"].pop("conversion", None)
    found: Object = item
    return found
