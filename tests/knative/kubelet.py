"""What a kubelet would do: run the programs of Deployments and Jobs, each as its pods would be.

Environment, files and ServiceAccount are those that it asks for, so that a program may do here what it
may do in a cluster, and no more.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from local.processes import Program, StackError, free_port
from tests.knative.daemons import daemon
from tests.knative.pods import Pod, container

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.knative.kubernetes import Kubernetes, Object
    from tests.knative.tools import Tools

IMAGES = "ko://knative.dev/eventing/cmd/"
DEPLOYMENTS = "/apis/apps/v1"
JOBS = "/apis/batch/v1"
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

    def run_deployments(self, namespace: str | None = None) -> None:
        """Start what Deployments ask for and is not running yet, without waiting until it is ready.

        Args:
            namespace: of the Deployments; None means all.
        """
        within = f"/namespaces/{namespace}" if namespace else ""
        for deployment in self.kubernetes.items(f"{DEPLOYMENTS}{within}/deployments"):
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

    def run_job(
        self,
        namespace: str,
        name: str,
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> str:
        """Run a Job's program to its end, and return what it says.

        Args:
            namespace: the Job's.
            name: the Job's.
            environment: what the image would have, and what the names of its environment mean here.
            folder: what the image has in its working folder.

        Raises:
            StackError: it failed, with what it says.
        """
        pod = self._pod(self.kubernetes.get(f"{JOBS}/namespaces/{namespace}/jobs/{name}"))
        pod.mount()
        settings = {**pod.environment(), **pod.account(), **environment}
        done = subprocess.run(
            pod.command, env=settings, text=True, capture_output=True, check=False, cwd=folder
        )
        if done.returncode:
            raise StackError(f"Job {name}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def deployment(self, namespace: str, name: str) -> Object:
        """Read a Deployment."""
        return self.kubernetes.get(f"{DEPLOYMENTS}/namespaces/{namespace}/deployments/{name}")

    def stop(self) -> None:
        """End them all."""
        for program in self.programs.values():
            program.kill()

    def _environment(self, deployment: Object) -> dict[str, str]:
        namespace, name = deployment["metadata"]["namespace"], deployment["metadata"]["name"]
        account = deployment["spec"]["template"]["spec"].get("serviceAccountName", "default")
        token = self.kubernetes.token(namespace, account)
        wanted = self._pod(deployment).environment()
        # Pods have an address each; here all share one.
        ports = {key: str(free_port()) for key in wanted if "_PORT" in key}
        # Profiling listens in all of them, asked or not; so does 1.12's controller for its probes.
        ports |= {"PROFILING_PORT": "0", "PROBES_PORT": str(free_port())}
        kubeconfig = self.kubernetes.kubeconfig(f"{namespace}.{name}", token)
        return {**self.names, **wanted, **ports, **RATES, "KUBECONFIG": str(kubeconfig)}

    def _pod(self, owner: Object) -> Pod:
        return Pod(self.kubernetes, owner, self.folder / "pods")
