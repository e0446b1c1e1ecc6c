"""Kubernetes, Knative Eventing, PostgreSQL and the project on them, on this machine's loopback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from local.functions import REPOSITORY, all_functions
from local.postgresql import Postgresql
from local.processes import free_port
from tests.knative import eventing
from tests.knative.control_plane import ControlPlane
from tests.knative.daemons import require_programs, with_last_signal
from tests.knative.kubelet import Kubelet
from tests.knative.kubernetes import Object, is_ready
from tests.knative.names import Names
from tests.knative.serving import Serving
from tests.knative.waiting import wait_for
from tests.knative.webhooks import serve_webhooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.knative.tools import Tools

NAMESPACE = "dora-cloudevents"
DATABASE = "dora"
WEBHOOK_SECRETS = {"WEBHOOK_GENERIC_SECRETS": "any"}
# What the project's manifests make, and who says that it is ready.
RESOURCES = (
    f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/brokers",
    f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/triggers",
    "/apis/sources.knative.dev/v1/apiserversources",
    "/apis/sources.knative.dev/v1/pingsources",
)


class Cluster:
    """All of it; what the tests ask of it in their own words is in `stage.py`."""

    def __init__(self, tools: Tools, folder: Path) -> None:
        self.control_plane = ControlPlane(tools, folder)
        self.kubernetes = self.control_plane.kubernetes
        self.names = Names(folder)
        self.kubelet = Kubelet(self.kubernetes, tools, self.names.environment, folder)
        self.serving = Serving(self.kubernetes, self.names, folder)
        self.postgresql = Postgresql(folder / "postgresql", free_port())
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

    def deploy(self, sockeye_port: int) -> None:
        """Deploy the project as its installation says: functions first, then what calls them."""
        self._apply_settings()
        self.serving.deploy(all_functions())
        for folder in ("broker", "triggers", "sources"):
            self.kubernetes.kubectl("apply", "-f", str(REPOSITORY / folder))
        self.serving.serve({"sockeye": sockeye_port})
        wait_for("everything of the project is ready", self._is_ready)

    def objects(self) -> list[Object]:
        """Give what the project made of Knative Eventing."""
        return [item for path in RESOURCES for item in self.kubernetes.items(path)]

    def restart_what_died(self) -> None:
        """Start again what has ended by itself, as a kubelet would."""
        self.kubelet.restart_what_died()
        self.serving.restart_what_died()

    def _start(self) -> None:
        webhook_ports: dict[str, int] = {}
        serve_webhooks(self.control_plane.webhook_socket, webhook_ports)
        self.control_plane.start()
        self.postgresql.start()
        self.postgresql.install(DATABASE)
        self.control_plane.start_controllers()
        eventing.install(self.kubernetes, self.tools)
        eventing.start(self.kubelet, self.names, webhook_ports)
        eventing.wait_until_ready(self.kubernetes, self.names)

    def _stop(self) -> None:
        # What was not started is not stopped: this runs after a start that failed, too.
        for part in (self.serving, self.kubelet, self.control_plane, self.names, self.postgresql):
            part.stop()

    def _apply_settings(self) -> None:
        namespace = str(REPOSITORY / "broker" / "00-namespace.yaml")
        self.kubernetes.kubectl("apply", "-f", namespace)
        settings = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.postgresql.port),
            "PGDATABASE": DATABASE,
            "PGSSLMODE": "disable",
        }
        passwords = {"writer-password": "a", "reader-password": "b"}  # the server trusts anyone
        self.kubernetes.apply(
            [
                _named("ConfigMap", "dora-postgresql", {"data": settings}),
                _named("Secret", "dora-postgresql", {"stringData": passwords}),
                _named("Secret", "dora-webhooks", {"stringData": WEBHOOK_SECRETS}),
            ]
        )

    def _is_ready(self) -> bool:
        self.kubelet.run_deployments()
        return all(is_ready(item) for item in self.objects())


def _named(kind: str, name: str, content: dict[str, Any]) -> Object:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **content}
