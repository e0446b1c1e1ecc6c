"""What a kubelet would do: run the programs of Knative's Deployments, each as its pods would be.

Environment and ServiceAccount are those of the Deployment, so that a program may do here what it
may do in a cluster, and no more.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from local.processes import Program, StackError, free_port
from tests.knative.daemons import daemon

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.knative.kubernetes import Kubernetes, Object
    from tests.knative.tools import Tools

IMAGES = "ko://knative.dev/eventing/cmd/"
DEPLOYMENTS = "/apis/apps/v1"
# Requests a second to the API server, which would hold up a test that makes many objects.
RATES = {"KUBE_API_QPS": "1000", "KUBE_API_BURST": "1000"}


class Kubelet:
    """The processes of Deployments, by namespace and name."""

    def __init__(
        self, kubernetes: Kubernetes, tools: Tools, names: Mapping[str, str], folder: Path
    ) -> None:
        self.kubernetes, self.tools, self.folder = kubernetes, tools, folder
        self.names = names
        self.programs: dict[tuple[str, str], Program] = {}

    def run_deployments(self) -> None:
        """Start what Deployments ask for and does not run; it is not asked whether it is ready."""
        for deployment in self.kubernetes.items(f"{DEPLOYMENTS}/deployments"):
            metadata = deployment["metadata"]
            key = metadata["namespace"], metadata["name"]
            is_ours = container(deployment)["image"].startswith(IMAGES)
            if is_ours and deployment["spec"]["replicas"] and key not in self.programs:
                self.run(deployment)

    def run(self, deployment: Object) -> Program:
        """Start the program of a Deployment."""
        namespace, name = deployment["metadata"]["namespace"], deployment["metadata"]["name"]
        image = container(deployment)["image"].removeprefix(IMAGES)
        command = [self.tools.program(image.replace("/", "_"))]
        program = daemon(name, command, self.folder, self._environment(deployment))
        self.programs[namespace, name] = program
        program.start()
        return program

    def deployment(self, namespace: str, name: str) -> Object:
        """Read a Deployment."""
        return self.kubernetes.get(f"{DEPLOYMENTS}/namespaces/{namespace}/deployments/{name}")

    def restart_what_died(self) -> None:
        """Start again what has ended by itself."""
        for program in self.programs.values():
            if not program.is_running():
                program.start()

    def stop(self) -> None:
        """End them all."""
        for program in self.programs.values():
            program.kill()

    def _environment(self, deployment: Object) -> dict[str, str]:
        namespace, name = deployment["metadata"]["namespace"], deployment["metadata"]["name"]
        account = deployment["spec"]["template"]["spec"].get("serviceAccountName", "default")
        token = self.kubernetes.token(namespace, account)
        wanted = environment(self.kubernetes, deployment["metadata"], container(deployment))
        # Pods have an address each; here all share one.
        ports = {key: str(free_port()) for key in wanted if "_PORT" in key}
        # Profiling listens in all of them, asked or not.
        ports["PROFILING_PORT"] = "0"
        kubeconfig = self.kubernetes.kubeconfig(f"{namespace}.{name}", token)
        return {**self.names, **wanted, **ports, **RATES, "KUBECONFIG": str(kubeconfig)}


def container(deployment: Object) -> Object:
    """Give the container of a Deployment or a Knative Service."""
    first: Object = deployment["spec"]["template"]["spec"]["containers"][0]
    return first


def environment(
    kubernetes: Kubernetes, metadata: Mapping[str, Any], container: Object
) -> dict[str, str]:
    """Give a container's environment, with what comes from ConfigMaps, Secrets and the pod."""
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        values |= _all_keys(kubernetes, metadata["namespace"], source)
    for entry in container.get("env", []):
        values[entry["name"]] = entry.get("value") or ""
        if "valueFrom" in entry:
            values[entry["name"]] = _value_from(kubernetes, metadata, entry["valueFrom"])
    return values


def _all_keys(kubernetes: Kubernetes, namespace: str, source: Object) -> dict[str, str]:
    [(reference, target)] = ((k, v) for k, v in source.items() if k.endswith("Ref"))
    return dict(_data(kubernetes, namespace, reference, target["name"]))


def _value_from(kubernetes: Kubernetes, metadata: Mapping[str, Any], source: Object) -> str:
    if "fieldRef" in source:
        return str(metadata[source["fieldRef"]["fieldPath"].removeprefix("metadata.")])
    [(reference, target)] = source.items()
    kind = reference.replace("KeyRef", "Ref")
    return dict(_data(kubernetes, metadata["namespace"], kind, target["name"]))[target["key"]]


def _data(
    kubernetes: Kubernetes, namespace: str, reference: str, name: str
) -> Iterator[tuple[str, str]]:
    kind = {"configMapRef": "configmaps", "secretRef": "secrets"}[reference]
    found = kubernetes.get(f"/api/v1/namespaces/{namespace}/{kind}/{name}")
    if not found:
        raise StackError(f"there is no {name} among the {kind} of {namespace}")
    for key, value in found["data"].items():
        yield key, base64.b64decode(value).decode() if kind == "secrets" else value
