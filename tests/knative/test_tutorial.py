from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from local.functions import REPOSITORY
from tests.knative.kubernetes import is_ready
from tests.knative.objects import deployment

if TYPE_CHECKING:
    from tests.knative.stage import Stage

COUNTED_SECONDS = 2
DEPLOYED = "dev.cdevents.service.deployed.0.3.0"


def test_everything_is_accepted_and_becomes_ready(stage: Stage) -> None:
    ready = {
        (item["kind"], item["metadata"]["name"])
        for item in stage.cluster.objects()
        if is_ready(item)
    }

    triggers = {("Trigger", file.stem) for file in REPOSITORY.glob("triggers/*.yaml")}
    triggers |= {("Trigger", "sockeye")}
    sources = {
        ("ApiServerSource", "dora-workloads"),
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


def seconds_until_counted(stage: Stage, name: str) -> float:
    """Roll out a new Deployment, and give the time from its end until it is in the day's answer."""
    stage.roll_out(deployment(name))
    ended = time.monotonic()
    stage.wait(f"{name} is counted", lambda: stage.count_today(name))
    return time.monotonic() - ended


def test_a_rollout_is_counted_within_two_seconds_of_its_end(stage: Stage) -> None:
    names = (f"timed-{number}" for number in itertools.count())

    # Not each, for the machine may have other things to do; by the ticks alone it would be none.
    stage.wait(
        "a rollout is counted in time",
        lambda: seconds_until_counted(stage, next(names)) <= COUNTED_SECONDS,
    )
