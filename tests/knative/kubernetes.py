"""Talk to the API server: by kubectl as people do, by HTTP where a test asks often."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from local.processes import StackError
from tests.knative.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Object = dict[str, Any]
SERVICES = "/apis/serving.knative.dev/v1"
ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Kubernetes:
    """An API server, seen by its administrator."""

    url: str
    certificate: Path
    program: Path
    folder: Path
    session: requests.Session = field(default_factory=requests.Session)

    def request(self, method: str, path: str, token: str = ADMINISTRATOR, **content: Any) -> Any:
        """Send a request with somebody's token."""
        headers = {"authorization": f"Bearer {token}", **content.pop("headers", {})}
        content |= {"headers": headers, "verify": str(self.certificate)}
        return self.session.request(method, self.url + path, timeout=PATIENCE_SECONDS, **content)

    def get(self, path: str) -> Object:
        """Read an object, or a list of objects; empty where there is none."""
        response = self.request("GET", path)
        if response.status_code == requests.codes.not_found:
            return {}
        response.raise_for_status()
        found: Object = response.json()
        return found

    def items(self, path: str) -> list[Object]:
        """Read the objects of a list."""
        items: list[Object] = self.get(path).get("items", [])
        return items

    def set_status(self, path: str, status: Mapping[str, Any]) -> None:
        """Write an object's status, as its controller would."""
        content_type = {"content-type": "application/merge-patch+json"}
        content = json.dumps({"status": status})
        response = self.request("PATCH", f"{path}/status", headers=content_type, data=content)
        response.raise_for_status()

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl and give what it prints.

        Raises:
            StackError: it failed, with what it says.
        """
        command = [str(self.program), f"--kubeconfig={self.kubeconfig()}", *arguments]
        done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False)
        if done.returncode:
            raise StackError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def apply(self, objects: Iterable[Object]) -> None:
        """Apply objects, in their order, all fields ours."""
        content = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=content)

    def token(self, namespace: str, account: str, *audiences: str) -> str:
        """Ask for a token of a ServiceAccount, as a kubelet does for a pod; for itself, or for others."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        wanted = {"expirationSeconds": 36_000, "audiences": audiences}
        response = self.request("POST", path, json={"spec": wanted})
        response.raise_for_status()
        token: str = response.json()["status"]["token"]
        return token

    def kubeconfig(self, name: str = ADMINISTRATOR, token: str = ADMINISTRATOR) -> Path:
        """Write the file by which a program finds the API server, and is who the token says."""
        file = self.folder / f"{name}.kubeconfig"
        cluster = {"server": self.url, "certificate-authority": str(self.certificate)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "it",
            "clusters": [{"name": "it", "cluster": cluster}],
            "users": [{"name": "it", "user": {"token": token}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        }
        if not file.exists():
            file.write_text(json.dumps(content))
        return file


def is_ready(item: Object) -> bool:
    """Return whether an object's controller says that it is ready, all of its newest version."""
    status = item.get("status", {})
    return status.get("observedGeneration") == item["metadata"]["generation"] and any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for condition in status.get("conditions", [])
    )
