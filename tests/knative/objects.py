"""Objects that the tests apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.broker.stand import NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.knative.kubernetes import Object


def knative_service(name: str) -> Object:
    """Return a Knative Service that the test itself serves."""
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"template": {"spec": {"containers": [{"image": "registry.example/it"}]}}},
    }


def deployment(
    name: str,
    image: str = "nginx:1.14.2",
    namespace: str = "default",
    spec: Mapping[str, Any] | None = None,
    **metadata: Any,
) -> Object:
    """Return a Deployment."""
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "it", "image": image}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": template,
            **(spec or {}),
        },
    }


def as_kind(kind: str, wanted: Object) -> Object:
    """Return a Deployment as if it were a StatefulSet or a DaemonSet."""
    spec = dict(wanted["spec"])
    if kind == "DaemonSet":
        del spec["replicas"]
    if kind == "StatefulSet":
        spec["serviceName"] = wanted["metadata"]["name"]
    return {**wanted, "kind": kind, "spec": spec}
