"""A second Kubernetes whose sources send to the first one's Broker.

It has what Knative Eventing's sources need, their types and the controller, and nothing else of this.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from tests.knative import eventing
from tests.knative.control_plane import ControlPlane
from tests.knative.kubelet import Kubelet
from tests.knative.webhooks import serve_webhooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.knative.cluster import Cluster


class SecondCluster:
    """Its control plane and its kubelet; names lead where they lead in the first one."""

    def __init__(self, first: Cluster, folder: Path) -> None:
        self.tools = first.tools
        self.control_plane = ControlPlane(first.tools, folder)
        self.kubernetes = self.control_plane.kubernetes
        self.kubelet = Kubelet(self.kubernetes, first.tools, first.names.environment, folder)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Start it; leave nothing when the block ends."""
        try:
            # No webhook has a program here, so none is asked.
            serve_webhooks(self.control_plane.webhook_socket, {})
            self.control_plane.start()
            self.control_plane.start_controllers()
            eventing.install(self.kubernetes, self.tools)
            self.kubelet.run(self.kubelet.deployment(eventing.NAMESPACE, "eventing-controller"))
            yield self
        finally:
            self.kubelet.stop()
            self.control_plane.stop()
