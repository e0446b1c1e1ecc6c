"""What the tests say about a cluster that carries the project.

In Sockeye's place is Knative's event_display, which prints what it gets; where nobody may give that a
network of its own, a subscriber of the tests.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests

from tests.broker.stand import NAMESPACE, Subscriber, binary
from tests.knative.cluster import DATABASE, Cluster
from tests.knative.eventing import NAMESPACE as EVENTING
from tests.knative.names import host
from tests.knative.objects import as_kind, deployment, knative_service
from tests.knative.probe import wait_until_served
from tests.knative.serving import url
from tests.knative.waiting import PATIENCE_SECONDS, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.processes import Program
    from tests.knative.event_display import EventDisplay
    from tests.knative.kubernetes import Object
    from tests.knative.waiting import Value

# The Broker answers when all is done, at the latest after its last retry.
RETRIES_SECONDS = 900
CHANNEL = f"/apis/messaging.knative.dev/v1/namespaces/{NAMESPACE}/inmemorychannels/dora-kne-trigger"
INGRESS = f"http://{host(EVENTING, 'broker-ingress')}/{NAMESPACE}/dora"


@dataclass
class Stage:
    """A cluster, what Sockeye would have shown, what the page asks first, how many fences there are."""

    cluster: Cluster
    sockeye: EventDisplay | Subscriber
    first_metric: str = field(default="", init=False)
    fences: int = field(default=0, init=False)

    def deploy_functions(self) -> None:
        """Deploy the functions and wait until events are reported and delivered."""
        self.cluster.deploy_functions(int(self.sockeye.url.rpartition(":")[2]))
        self.wait_until_served()
        self.wait_until_told()

    @property
    def proxies(self) -> dict[str, str]:
        """What a request needs to know the cluster's names."""
        return {"http": self.cluster.names.url}

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl."""
        return self.cluster.kubernetes.kubectl(*arguments)

    def wait(
        self, what: str, condition: Callable[[], Value], seconds: float = PATIENCE_SECONDS
    ) -> Value:
        """Wait for something while a kubelet restarts what dies."""

        def alive() -> Value:
            self.cluster.restart_what_died()
            return condition()

        return wait_for(what, alive, seconds)

    def apply(self, *objects: Object) -> None:
        """Apply objects."""
        self.cluster.kubernetes.apply(objects)

    def roll_out(self, wanted: Object) -> None:
        """Apply a workload and wait until it is rolled out."""
        self.apply(wanted)
        metadata = wanted["metadata"]
        self.wait_for_rollout(metadata["name"], metadata["namespace"], wanted["kind"])

    def wait_for_rollout(
        self, name: str, namespace: str = "default", kind: str = "Deployment"
    ) -> None:
        """Wait until a workload is rolled out."""
        patience = f"--timeout={PATIENCE_SECONDS}s"
        self.kubectl("-n", namespace, "rollout", "status", f"{kind.lower()}/{name}", patience)

    def serve(self, name: str, subscriber: Subscriber) -> None:
        """Apply a Knative Service that a subscriber of the test plays."""
        self.apply(knative_service(name))
        self.cluster.serving.set_address(name, subscriber.url)

    def wait_until_served(self) -> None:
        """Wait until the Broker delivers to the Triggers that are ready."""
        kubernetes = self.cluster.kubernetes
        wait_until_served(kubernetes, NAMESPACE, "dora", lambda probe: self.send(probe, b"{}"))

    def remove_trigger(self, name: str) -> None:
        """Delete a Trigger and wait until the channel knows it.

        Until then the filter answers 404 for it, which the channel tries again for all the Broker's
        retries, and so long it answers neither the source.
        """
        before = self._subscribers()
        self.kubectl("-n", NAMESPACE, "delete", "trigger", name)
        self.wait("the channel forgets the Trigger", lambda: self._subscribers() < before)

    def _subscribers(self) -> int:
        return len(self.cluster.kubernetes.get(CHANNEL)["status"]["subscribers"])

    def settle(self, kind: str = "Deployment") -> None:
        """Wait until all that happened to workloads of this kind before has gone all its way.

        The adapter sends one event of a kind after another, and the in-memory channel answers it when all
        that an event causes is done: once one of a later workload has come, nothing is under way.
        """
        name = self._make_fence(kind)
        self.wait(f"an event of {name}", lambda: self.seen(name))

    def _make_fence(self, kind: str = "Deployment") -> str:
        """Make a workload that nobody knows or counts, and give its name."""
        self.fences += 1
        name = f"fence-{self.fences}"
        fence = deployment(name, labels={"dora.dev/ignore": "true"}, spec={"replicas": 0})
        self.apply(as_kind(kind, fence))
        return name

    def seen(self, name: str) -> list[tuple[str, str | None]]:
        """Return type and `recorded` of the events of a Deployment or service that Sockeye got."""
        return [
            (event["type"], event.get("recorded"))
            for event in self.sockeye.events
            if event.get("subject", "").rpartition("/")[2] == name
        ]

    def rows(self, sql: str, **parameters: Any) -> list[Any]:
        """Ask the database."""
        return self.cluster.postgresql.run(DATABASE, sql, **parameters)

    def deployments(self, name: str) -> list[tuple[str, str]]:
        """Return predicate and artifact of a service's counted deployments, in their order."""
        sql = "select predicate, artifact_id from deployments where deploy_name = :name"
        found = self.rows(f"{sql} order by time_created, predicate, artifact_id", name=name)
        return [(predicate, artifact) for predicate, artifact in found]

    def cdevents(self, name: str) -> list[str]:
        """Return the predicates of a service's recorded CDEvents, in the log's order."""
        sql = "select cd_predicate from cdevents_raw where service_id = :name order by seq"
        return [predicate for (predicate,) in self.rows(sql, name=name)]

    def artifacts(self, name: str) -> list[str]:
        """Return the artifacts of a service's recorded CDEvents, in the log's order."""
        sql = "select artifact_id from cdevents_raw where service_id = :name order by seq"
        return [artifact for (artifact,) in self.rows(sql, name=name)]

    def adapter(self) -> Program:
        """Return the program of the ApiServerSource; what is killed, a `wait` starts again."""
        [adapter] = [
            program
            for (namespace, _), program in self.cluster.kubelet.programs.items()
            if namespace == "default"
        ]
        return adapter

    def restart_adapter(self) -> None:
        """Kill the ApiServerSource's adapter, start it again, and wait until it reports events."""
        adapter = self.adapter()
        adapter.kill()
        adapter.start()
        self.wait_until_told()

    def wait_until_told(self) -> None:
        """Wait until the adapter reports events: what happens before it watches it never reports.

        That its Deployment is ready says nothing here, where kwok plays the pods.
        """
        name = self._make_fence()
        self.wait("the adapter reports events", lambda: self._poke(name) and self.seen(name))

    def _poke(self, name: str) -> bool:
        poke = f"poke={time.monotonic_ns()}"
        self.kubectl("annotate", f"deployment/{name}", poke, "--overwrite")
        return True

    def count_today(self, name: str) -> int:
        """Ask the metrics endpoint how often a service was deployed; today is all there is."""
        answer = self.ask("/deploy-frequency/day")
        return sum(row["Deployments"] for row in answer if row["DeployName"] == name)

    def ask(self, path: str) -> Any:
        """Ask the metrics endpoint."""
        metrics = url(self.cluster.serving.programs["metrics-endpoint"])
        return requests.get(f"{metrics}{path}", timeout=PATIENCE_SECONDS).json()

    def send(self, attributes: Mapping[str, str], body: bytes) -> requests.Response:
        """Send a JSON event to the Broker, as a source in the cluster would."""
        headers = binary(attributes) | {"content-type": "application/json"}
        return requests.post(
            INGRESS, body, headers=headers, proxies=self.proxies, timeout=RETRIES_SECONDS
        )
