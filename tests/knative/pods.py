"""What a pod is given: the environment and the files that its template asks for.

There is no container, so a mounted path is a path below a folder of the pod's own; where it is named
in the environment or the command, it is moved there too.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local.processes import StackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.knative.kubernetes import Kubernetes, Object


# By which an image of a function starts a program; it sets nothing that is needed here.
LAUNCHER = ["/cnb/lifecycle/launcher", "--"]


@dataclass(frozen=True)
class Pod:
    """A pod of an object that has a template: a Deployment, a Job, a Knative Service."""

    kubernetes: Kubernetes
    owner: Object
    pods: Path

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.pods / str(self.owner["metadata"]["name"])

    @property
    def container(self) -> Object:
        """Its only container."""
        return container(self.owner)

    @property
    def namespace(self) -> str:
        """Where it is, and all that it refers to."""
        return str(self.owner["metadata"]["namespace"])

    @property
    def command(self) -> list[str]:
        """What its container runs."""
        words = [*self.container["command"], *self.container.get("args", [])]
        own = words[len(LAUNCHER) :] if words[: len(LAUNCHER)] == LAUNCHER else words
        return [self._moved(word) for word in own]

    def mount(self) -> None:
        """Write the files of the ConfigMaps that it mounts, as they are now."""
        volumes = {each["name"]: each for each in self._spec.get("volumes", [])}
        for mount in self._mounts():
            target = self.folder / mount["mountPath"].strip("/")
            target.mkdir(parents=True, exist_ok=True)
            name = volumes[mount["name"]]["configMap"]["name"]
            for file, text in self._data("configMapRef", name):
                (target / file).write_text(text)

    def environment(self) -> dict[str, str]:
        """Return its environment, with what comes from ConfigMaps, Secrets and the pod itself."""
        values: dict[str, str] = {}
        for source in self.container.get("envFrom", []):
            values |= self._all_keys(source)
        for entry in self.container.get("env", []):
            values[entry["name"]] = self._moved(entry.get("value") or "")
            if "valueFrom" in entry:
                values[entry["name"]] = self._value_from(entry["valueFrom"])
        return values

    def account(self) -> dict[str, str]:
        """Write the files of its ServiceAccount; return how its programs find them and the API server."""
        if "serviceAccountName" not in self._spec:
            return {}
        folder, kubernetes = self.folder / "account", self.kubernetes
        folder.mkdir(parents=True, exist_ok=True)
        token = kubernetes.token(self.namespace, self._spec["serviceAccountName"])
        (folder / "token").write_text(token)
        (folder / "namespace").write_text(self.namespace)
        (folder / "ca.crt").write_bytes(kubernetes.certificate.read_bytes())
        _, _, address = kubernetes.url.partition("://")
        host, _, port = address.partition(":")
        found = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
        return found | {"SERVICE_ACCOUNT": str(folder)}

    @property
    def _spec(self) -> Object:
        spec: Object = self.owner["spec"]["template"]["spec"]
        return spec

    def _mounts(self) -> list[Mapping[str, str]]:
        return list(self.container.get("volumeMounts", []))

    def _moved(self, text: str) -> str:
        paths = tuple(mount["mountPath"] for mount in self._mounts())
        return f"{self.folder}{text}" if text.startswith(paths) else text

    def _all_keys(self, source: Object) -> dict[str, str]:
        [(reference, target)] = ((k, v) for k, v in source.items() if k.endswith("Ref"))
        return dict(self._data(reference, target["name"]))

    def _value_from(self, source: Object) -> str:
        if "fieldRef" in source:
            field = source["fieldRef"]["fieldPath"].removeprefix("metadata.")
            return str(self.owner["metadata"][field])
        [(reference, target)] = source.items()
        return dict(self._data(reference.replace("KeyRef", "Ref"), target["name"]))[target["key"]]

    def _data(self, reference: str, name: str) -> Iterator[tuple[str, str]]:
        kind = {"configMapRef": "configmaps", "secretRef": "secrets"}[reference]
        found = self.kubernetes.get(f"/api/v1/namespaces/{self.namespace}/{kind}/{name}")
        if not found:
            raise StackError(f"there is no {name} among the {kind} of {self.namespace}")
        for key, value in found.get("data", {}).items():
            yield key, base64.b64decode(value).decode() if kind == "secrets" else value


def container(owner: Object) -> Object:
    """Return the container of an object that has a template."""
    first: Object = owner["spec"]["template"]["spec"]["containers"][0]
    return first
