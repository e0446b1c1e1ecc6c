from __future__ import annotations

from typing import TYPE_CHECKING

from local.functions import REPOSITORY
from tests.knative.kubernetes import is_ready

if TYPE_CHECKING:
    from tests.knative.stage import Stage

EXAMPLE = REPOSITORY / "sources" / "kubernetes" / "example-deployment.yaml"
DEPLOYED = "dev.cdevents.service.deployed.0.3.0"


def test_everything_is_accepted_and_becomes_ready(stage: Stage) -> None:
    ready = {
        (item["kind"], item["metadata"]["name"])
        for item in stage.cluster.objects()
        if is_ready(item)
    }

    triggers = {("Trigger", file.stem) for file in REPOSITORY.glob("triggers/*.yaml")}
    sources = {("ApiServerSource", "dora-deployments"), ("PingSource", "catch-up")}
    assert triggers
    assert triggers | sources | {("Broker", "dora")} <= ready


def test_the_example_deployment_is_counted_within_two_seconds(stage: Stage) -> None:
    stage.kubectl("apply", "-f", str(EXAMPLE))
    stage.wait_for_rollout("nginx-deployment")
    stage.wait("it is counted", lambda: stage.count_today("nginx-deployment"), 2)
    stage.settle()

    assert stage.count_today("nginx-deployment") == 1
    assert {
        ("dev.knative.apiserver.resource.add", None),
        ("dev.knative.apiserver.resource.update", None),
        (DEPLOYED, None),
        (DEPLOYED, "true"),
    } == set(stage.seen("nginx-deployment"))
