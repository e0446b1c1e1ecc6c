"""Kubernetes, Knative Eventing, PostgreSQL and the project on them, on this machine's loopback."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from local.functions import all_functions
from local.postgresql import PROGRAMS, Postgresql
from local.processes import free_port
from tests.broker.stand import NAMESPACE
from tests.knative import eventing
from tests.knative.control_plane import ControlPlane
from tests.knative.daemons import require_programs, with_last_signal
from tests.knative.kubelet import JOBS, Kubelet
from tests.knative.kubernetes import Object, is_ready
from tests.knative.names import Names
from tests.knative.serving import Serving
from tests.knative.waiting import wait_for
from tests.knative.webhooks import serve_webhooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.knative.tools import Tools

DATABASE = "dora"
# What the project's manifests make, and who says that it is ready.
RESOURCES = (
    f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/brokers",
    f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/triggers",
    f"/apis/sources.knative.dev/v1/namespaces/{NAMESPACE}/pingsources",
    f"/apis/sources.knative.dev/v1/namespaces/{NAMESPACE}/sinkbindings",
    "/apis/sources.knative.dev/v1/namespaces/default/apiserversources",
)


class Cluster:
    """All of it; what the tests ask of it in their own words is in `stage.py`."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self.control_plane = ControlPlane(tools, folder)
        self.kubernetes = self.control_plane.kubernetes
        self.names = Names(folder)
        self.kubelet = Kubelet(self.kubernetes, tools, self.names.environment, folder)
        self.postgresql = Postgresql(folder / "postgresql", free_port())
        # Where PGHOST leads: names of TCP services are nobody's here.
        self.database = {"PGHOST": "127.0.0.1", "PGPORT": str(self.postgresql.port)}
        self.serving = Serving(self.kubernetes, self.names, self.database, folder)
        # Its children end by themselves when they see that it is gone.
        program = self.postgresql.program
        program.command = with_last_signal(program.command, "QUIT")
        self.tools = tools

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Start Kubernetes, Knative Eventing and PostgreSQL; leave nothing when the block ends."""
        require_programs()
        eventing.require_ports()
        try:
            self._start()
            yield self
        finally:
            self._stop()

    def run_database_job(self, namespace: str = NAMESPACE, database: str = DATABASE) -> None:
        """Make the tables as the chart's Job does, in a database that its PostgreSQL would make."""
        jobs = self.kubernetes.items(f"{JOBS}/namespaces/{namespace}/jobs")
        [job] = [
            name for each in jobs if (name := each["metadata"]["name"]).startswith("dora-init")
        ]
        known = "select from pg_database where datname = :name"
        if not self.postgresql.run("postgres", known, name=database):
            self.postgresql.run("postgres", f"create database {database}")
        image = {"PATH": os.pathsep.join([str(PROGRAMS), os.defpath])}
        self.kubelet.run_job(namespace, job, self.database | image)

    def run_resync(self, kubelet: Kubelet, namespace: str, job: str) -> str:
        """Run a Job of the CronJob that sends what a source has missed; return what it says.

        Args:
            kubelet: of the cluster where the Job is.
            namespace: the Job's.
            job: its name.
        """
        image = self.serving.built("deployment-frequency")
        path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
        environment = {**self.names.environment, "PATH": path}
        return kubelet.run_job(namespace, job, environment, image)

    def deploy_functions(self, sockeye_port: int) -> None:
        """Deploy the functions, and wait until all that calls them is ready."""
        self.serving.deploy(all_functions())
        self.serving.serve({"sockeye": sockeye_port})
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until Knative Eventing has made all of it ready, and functions know their sinks."""
        wait_for("everything of the project is ready", self._is_ready)
        self.serving.update()

    def objects(self) -> list[Object]:
        """Return what the project made of Knative Eventing."""
        return [item for path in RESOURCES for item in self.kubernetes.items(path)]

    def restart_what_died(self) -> None:
        """Start again what has ended by itself, as a kubelet would."""
        for program in (*self.kubelet.programs.values(), *self.serving.programs.values()):
            if not program.is_running():
                program.start()

    def _start(self) -> None:
        webhook_ports: dict[str, int] = {}
        serve_webhooks(self.control_plane.webhook_socket, webhook_ports)
        self.control_plane.start()
        self.postgresql.start()
        self.control_plane.start_controllers()
        eventing.install(self.kubernetes, self.tools)
        eventing.start(self.kubelet, self.names, webhook_ports)
        eventing.wait_until_ready(self.kubernetes, self.names)

    def _stop(self) -> None:
        # What was not started is not stopped: this runs after a start that failed, too.
        for part in (self.serving, self.kubelet, self.control_plane, self.names, self.postgresql):
            part.stop()

    def _is_ready(self) -> bool:
        self.kubelet.run_deployments()
        return all(is_ready(item) for item in self.objects())
