"""Kubernetes without containers: etcd, API server, controllers, scheduler; kwok plays the nodes."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from local.processes import Program, free_port
from tests.knative.daemons import daemon, find
from tests.knative.kubernetes import ADMINISTRATOR, Kubernetes, Object
from tests.knative.webhooks import egress_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.knative.tools import Tools

SERVICE_ADDRESSES = "10.96.0.0/16"
# They allot addresses and clouds' machines, of which there are none.
WITHOUT = (
    "node-ipam-controller",
    "cloud-node-lifecycle-controller",
    "node-route-controller",
    "service-lb-controller",
)
SIZE = {"cpu": "64", "memory": "256Gi", "pods": "1000"}


class ControlPlane:
    """The processes, in the order in which they are started."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self.tools, self.folder = tools, folder
        self.etcd_url = f"http://127.0.0.1:{free_port()}"
        self.port = free_port()
        self.webhook_socket = folder / "webhooks.sock"
        self.kubernetes = Kubernetes(
            f"https://127.0.0.1:{self.port}",
            folder / "certificates" / "apiserver.crt",
            tools.program("kubectl"),
            folder,
        )
        self.programs: list[Program] = []

    def start(self) -> None:
        """Start the API server and what it needs."""
        self._start(self._etcd())
        self._write_settings()
        self._start(self._apiserver())

    def start_controllers(self) -> None:
        """Wait until the API server answers, and start what makes Deployments roll out."""
        self.programs[-1].wait_until(self._answers)
        kubeconfig = self.kubernetes.kubeconfig()
        for name, arguments in self._controllers().items():
            self._start(
                daemon(
                    name,
                    [self.tools.program(name), f"--kubeconfig={kubeconfig}", *arguments],
                    self.folder,
                )
            )
        self.kubernetes.apply([_node()])

    def stop(self) -> None:
        """End them; nothing of what they keep is wanted, and asking takes the API server a minute."""
        for program in reversed(self.programs):
            program.kill()

    def _start(self, program: Program) -> Program:
        self.programs.append(program)
        program.start()
        return program

    def _answers(self) -> bool:
        if not self.kubernetes.certificate.exists():
            return False
        try:
            return bool(self.kubernetes.request("GET", "/readyz").ok)
        except OSError:
            return False

    def _etcd(self) -> Program:
        peers = f"http://127.0.0.1:{free_port()}"
        return daemon(
            "etcd",
            [
                self.tools.program("etcd"),
                f"--data-dir={self.folder / 'etcd'}",
                f"--listen-client-urls={self.etcd_url}",
                f"--advertise-client-urls={self.etcd_url}",
                f"--listen-peer-urls={peers}",
                "--unsafe-no-fsync",
                "--log-level=error",
            ],
            self.folder,
        )

    def _apiserver(self) -> Program:
        key = self.folder / "accounts.key"
        return daemon(
            "kube-apiserver",
            [
                self.tools.program("kube-apiserver"),
                f"--etcd-servers={self.etcd_url}",
                "--bind-address=127.0.0.1",
                f"--secure-port={self.port}",
                # It refuses to advertise loopback; nobody uses the address.
                *("--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none"),
                f"--cert-dir={self.folder / 'certificates'}",
                f"--service-cluster-ip-range={SERVICE_ADDRESSES}",
                "--service-account-issuer=https://kubernetes.default.svc",
                f"--service-account-key-file={key}",
                f"--service-account-signing-key-file={key}",
                "--authorization-mode=RBAC",
                f"--token-auth-file={self.folder / 'tokens.csv'}",
                f"--egress-selector-config-file={self.folder / 'egress.json'}",
            ],
            self.folder,
        )

    def _controllers(self) -> dict[str, list[str]]:
        stages = self.tools.manifests("kwok") / "kustomize" / "stage"
        folders = ("node/fast", "node/heartbeat", "pod/fast")
        files = [file for folder in folders for file in sorted((stages / folder).glob("*.yaml"))]
        kwok_config = self.folder / "kwok.yaml"
        kwok_config.write_text(
            "\n---\n".join(f.read_text() for f in files if f.name != "kustomization.yaml")
        )
        alone = ["--leader-elect=false", "--secure-port=0"]
        fast = ["--kube-api-qps=200", "--kube-api-burst=400"]
        return {
            "kube-controller-manager": [
                *alone,
                *fast,
                # A machine that stood still for a while has lost no node.
                "--node-monitor-grace-period=1h",
                f"--controllers=*,{','.join(f'-{name}' for name in WITHOUT)}",
                f"--service-account-private-key-file={self.folder / 'accounts.key'}",
            ],
            "kube-scheduler": [*alone, *fast],
            "kwok": ["--manage-all-nodes=true", f"--config={kwok_config}"],
        }

    def _write_settings(self) -> None:
        administrator = f"{ADMINISTRATOR},{ADMINISTRATOR},{ADMINISTRATOR},system:masters\n"
        (self.folder / "tokens.csv").write_text(administrator)
        (self.folder / "egress.json").write_text(json.dumps(egress_settings(self.webhook_socket)))
        subprocess.run(
            [find("openssl"), "genrsa", "-out", self.folder / "accounts.key", "2048"],
            check=True,
            capture_output=True,
        )


def _node() -> Object:
    labels = {"kubernetes.io/hostname": "node", "kubernetes.io/os": "linux"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "node", "labels": labels},
        "status": {"capacity": SIZE, "allocatable": SIZE},
    }
