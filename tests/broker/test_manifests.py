from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from local.broker import Broker
from local.filters import trigger_filter
from local.functions import REPOSITORY
from local.manifests import Delivery, Manifest, PingSource, read_delivery
from local.processes import answers, free_port
from tests.broker.stand import (
    LocalBroker,
    StartStandIn,
    StartSubscriber,
    Trigger,
    binary,
    event,
    write_manifests,
)
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from contextlib import ExitStack

ROUTES = [file for name in ("broker", "triggers") for file in (REPOSITORY / name).glob("*.yaml")]
TICKING = [*ROUTES, *(REPOSITORY / "sources").glob("*.yaml")]

DEPLOYED = "dev.cdevents.service.deployed.0.3.0"
DEPLOYMENT = {
    "type": "dev.knative.apiserver.resource.update",
    "kind": "Deployment",
    "apiversion": "apps/v1",
}

METRICS = ("deployment-frequency", "lead-time-for-changes")


@pytest.mark.parametrize(
    ("attributes", "receivers"),
    [
        (DEPLOYMENT, {"cloudevents-endpoint", "kubernetes-transformer"}),
        (DEPLOYMENT | {"kind": "Pod"}, {"cloudevents-endpoint"}),
        ({"type": "com.github.push"}, {"cloudevents-endpoint"}),
        ({"type": DEPLOYED}, {"cdevents-endpoint"}),
        ({"type": DEPLOYED, "recorded": "false"}, {"cdevents-endpoint"}),
        ({"type": "dev.cdeventsx.a-b.0.1.0"}, {"cdevents-endpoint"}),
        ({"type": DEPLOYED, "recorded": "true"}, {"cdevents-endpoint", *METRICS}),
        (
            {"type": "dev.cdeventsx.dora-correction.created.0.1.0", "recorded": "true"},
            {"cdevents-endpoint", *METRICS},
        ),
        ({"type": "dev.knative.sources.ping", "catchup": "true"}, {"deployment-frequency"}),
        (
            {"type": "dev.dora.behind", "catchup": "true", "leadtimeforchanges": "true"},
            {"lead-time-for-changes"},
        ),
        # Whoever marks an event of another type as a tick: it is kept all the same.
        ({"type": "com.github.push", "catchup": "true"}, {"cloudevents-endpoint"}),
    ],
)
def test_the_projects_triggers_route(
    closing: ExitStack, subscriber: StartSubscriber, attributes: dict[str, str], receivers: set[str]
) -> None:
    names = ["cdevents-endpoint", "cloudevents-endpoint", "deployment-frequency"]
    names += ["lead-time-for-changes", "kubernetes-transformer", "dead-letters-endpoint"]
    services = {name: subscriber() for name in names}
    broker = LocalBroker(ROUTES, {name: service.url for name, service in services.items()})
    closing.callback(broker.close)

    broker.send(event(**attributes))
    broker.settle()

    assert {name for name in names if services[name].ids} == receivers


def test_a_tick_of_the_projects_ping_source_reaches_the_metrics(
    closing: ExitStack, subscriber: StartSubscriber
) -> None:
    metric = subscriber()
    broker = LocalBroker(TICKING, {"deployment-frequency": metric.url})
    closing.callback(broker.close)

    broker.loop.call_soon_threadsafe(broker.broker.tick)
    wait_until(lambda: metric.bodies)

    tick = metric.events[0]  # where a minute begins, there are two
    assert metric.bodies[0] == b"{}"
    assert tick["type"] == "dev.knative.sources.ping"
    assert tick["source"] == "/apis/v1/namespaces/dora-cloudevents/pingsources/catch-up"
    assert (tick["catchup"], tick["datacontenttype"]) == ("true", "application/json")


@pytest.mark.parametrize(
    ("minutes", "now", "due"),
    [
        (1, "12:00:00", "12:01"),
        (1, "12:59:59", "13:00"),
        (5, "12:01:00", "12:05"),
        (5, "12:04:59", "12:05"),
        (5, "12:05:00", "12:10"),
        (7, "12:57:00", "13:00"),
    ],
)
def test_a_ping_source_sends_when_cron_would(minutes: int, now: str, due: str) -> None:
    source = PingSource(minutes, {}, b"")

    moment = datetime.fromisoformat(f"2026-01-01T{now}").replace(tzinfo=UTC)

    assert source.next_after(moment).isoformat() == f"2026-01-01T{due}:00+00:00"


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("PT0.2S", 0.2), ("PT1M30S", 90), ("PT1H", 3600), ("P1DT1S", 86_401)],
)
def test_durations_are_those_of_iso_8601(duration: str, seconds: float) -> None:
    manifest = Manifest(Path("a.yaml"), {"spec": {"delivery": {"backoffDelay": duration}}})

    assert read_delivery(manifest, {}, Delivery()).backoff_delay == seconds


@pytest.mark.parametrize(
    ("kind", "spec", "sentence"),
    [
        ("Trigger", {"broker": "other"}, "spec.broker is not the Broker dora-cloudevents/dora"),
        ("Trigger", {"subscriber": {"ref": {}}}, "spec.subscriber.ref.name must be of type str"),
        ("Trigger", {"subscriber": []}, "spec.subscriber.ref.name is not where it should be"),
        ("Trigger", {"filters": [{"cesql": "x"}]}, "spec.filters[0] has the dialect 'cesql'"),
        ("Trigger", {"delivery": {"retry": "2"}}, "spec.delivery.retry must be of type int"),
        ("Trigger", {"delivery": {"backoffDelay": "1s"}}, "spec.delivery.backoffDelay must be an"),
        ("Trigger", {"delivery": {"timeout": "PT0.05S"}}, "spec.delivery.timeout must be an"),
        ("Trigger", {"delivery": {"backoffPolicy": "x"}}, "spec.delivery.backoffPolicy must be"),
        ("PingSource", {"schedule": "0 * * * *"}, "spec.schedule must be '* * * * *' or"),
        ("PingSource", {"schedule": "*/0 * * * *"}, "spec.schedule must be '* * * * *' or"),
    ],
)
def test_a_wrong_manifest_is_refused_by_file_and_field(
    tmp_path: Path, subscriber: StartSubscriber, kind: str, spec: dict[str, Any], sentence: str
) -> None:
    files = write_manifests(tmp_path, {"seen": Trigger(subscriber())}, {})
    content = yaml.safe_load((tmp_path / "trigger-seen.yaml").read_text())
    if kind == "PingSource":
        content["apiVersion"] = "sources.knative.dev/v1"
    content = content | {"kind": kind, "spec": content["spec"] | spec}
    (tmp_path / "trigger-seen.yaml").write_text(yaml.safe_dump(content))

    with pytest.raises(ValueError, match=rf"/trigger-seen\.yaml: {re.escape(sentence)}"):
        Broker(files, {"seen": "http://127.0.0.1:1"})


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"filters": [{"cesql": "type = 'x'"}]}, "spec.filters[0] has the dialect 'cesql'; known"),
        ({"filters": {"exact": {"type": "x"}}}, "spec.filters must be a list of filters"),
        ({"filters": [{}]}, "spec.filters[0] must be one dialect"),
        ({"filters": [{"not": [{"exact": {}}]}]}, "spec.filters[0].not must be one dialect"),
        ({"filters": [{"any": []}]}, "spec.filters[0].any must be a list of filters"),
        ({"filters": [{"exact": {}}]}, "spec.filters[0].exact must map attributes to values"),
        ({"filters": [{"exact": {"recorded": True}}]}, "spec.filters[0].exact.recorded is True"),
        ({"filters": [{"prefix": {"type": ""}}]}, "spec.filters[0].prefix.type is ''"),
        ({"filters": [{"exact": {"Type": "x"}}]}, "spec.filters[0].exact has 'Type'"),
        ({"filter": {"type": "x"}}, "spec.filter must hold attributes"),
    ],
)
def test_a_filter_that_cannot_be_understood_is_refused_by_field(
    spec: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        trigger_filter(spec)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [")

    with pytest.raises(ValueError, match=r"a\.yaml: this is no YAML"):
        Broker([tmp_path / "a.yaml"], {})


def test_there_must_be_one_broker() -> None:
    with pytest.raises(ValueError, match="the manifests hold 0 Brokers, not one"):
        Broker([], {})


def test_draining_takes_no_more_and_waits_for_what_is_under_way(
    start_broker: StartStandIn, subscriber: StartSubscriber
) -> None:
    slow = subscriber()
    slow.open.clear()
    broker = start_broker({"slow": Trigger(slow)})
    broker.send(event(id="1"))
    wait_until(lambda: slow.busy == 1)

    draining = asyncio.run_coroutine_threadsafe(broker.broker.drain(PATIENCE_SECONDS), broker.loop)
    refused = broker.post(binary(event(id="2")))
    slow.open.set()

    assert (refused.status_code, refused.text) == (503, "the broker stops")
    assert draining.result(PATIENCE_SECONDS) == 0
    assert slow.ids == ["1"]


def test_draining_gives_up_in_time_and_counts_what_is_left(
    start_broker: StartStandIn, subscriber: StartSubscriber
) -> None:
    slow = subscriber()
    slow.open.clear()
    broker = start_broker({"slow": Trigger(slow)})
    broker.send(event())

    assert broker.run(broker.broker.drain(0.01)) == 1


def test_serve_runs_until_it_is_told_to_stop_and_delivers_before(
    tmp_path: Path, subscriber: StartSubscriber
) -> None:
    seen, port = subscriber(), free_port()
    files = write_manifests(tmp_path, {"seen": Trigger(seen)}, {})
    code = (
        "import asyncio, pathlib, sys; from local.broker import serve; asyncio.run(serve("
        "map(pathlib.Path, sys.argv[3:]), {'seen': sys.argv[1]}, int(sys.argv[2])))"
    )
    command = [sys.executable, "-c", code, seen.url, str(port), *map(str, files)]
    root = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": "."}
    ) as process:
        wait_until(lambda: answers(root))
        seen.open.clear()
        requests.post(
            f"{root}/dora-cloudevents/dora", headers=binary(event()), timeout=PATIENCE_SECONDS
        )
        wait_until(lambda: seen.busy == 1)
        process.send_signal(signal.SIGTERM)
        seen.open.set()

        assert process.wait(PATIENCE_SECONDS) == 0
    assert seen.ids == ["1"]
