from __future__ import annotations

from typing import TYPE_CHECKING

from local.functions import REPOSITORY
from tests.knative.kubernetes import is_ready

if TYPE_CHECKING:
    from tests.knative.stage import Stage

DEPLOYED = "dev.cdevents.service.deployed.0.3.0"


def test_everything_is_accepted_and_becomes_ready(stage: Stage) -> None:
    ready = {
        (item["kind"], item["metadata"]["name"])
        for item in stage.cluster.objects()
        if is_ready(item)
    }

    triggers = {("Trigger", file.stem) for file in REPOSITORY.glob("triggers/*.yaml")}
    sources = {
        ("ApiServerSource", "dora-deployments"),
        ("PingSource", "catch-up"),
        ("SinkBinding", "webhooks-endpoint"),
    }
    assert triggers
    assert triggers | sources | {("Broker", "dora")} <= ready


def test_sockeye_sees_the_raw_event_the_cdevent_and_the_recorded_one(stage: Stage) -> None:
    stage.settle()

    assert {
        ("dev.knative.apiserver.resource.add", None),
        ("dev.knative.apiserver.resource.update", None),
        (DEPLOYED, None),
        (DEPLOYED, "true"),
    } == set(stage.seen("nginx-deployment"))
    assert stage.count_today("nginx-deployment") == 1
