from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import yaml

from local.functions import REPOSITORY
from tests.broker.stand import NAMESPACE, Subscriber, event, sink
from tests.events import deployment_event
from tests.knative.kubernetes import is_ready
from tests.knative.names import host
from tests.knative.objects import deployment
from tests.knative.stage import RETRIES_SECONDS

if TYPE_CHECKING:
    from tests.knative.stage import Stage

PROJECTS = REPOSITORY / "triggers"
TRIGGERS = f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/triggers"
DEPLOYED = "dev.cdevents.service.deployed.0.3.0"
OUTAGE_SECONDS = 20
ROLLOUTS = 200


def wait_for_trigger(stage: Stage, name: str) -> None:
    stage.wait(
        f"Trigger {name}", lambda: is_ready(stage.cluster.kubernetes.get(f"{TRIGGERS}/{name}"))
    )
    stage.wait_until_served()


def test_one_event_type_goes_to_several_transformers(stage: Stage) -> None:
    second = Subscriber()
    stage.serve("second-transformer", second)
    trigger = yaml.safe_load((PROJECTS / "kubernetes-transformer.yaml").read_text())
    trigger["metadata"]["name"] = "second-transformer"
    trigger["spec"]["subscriber"] = sink("second-transformer")
    trigger["spec"]["filters"].append({"exact": {"name": "watched"}})  # no other test's
    stage.apply(trigger)
    wait_for_trigger(stage, "second-transformer")

    stage.roll_out(deployment("watched"))
    stage.settle()

    seen = [kind for kind, _ in stage.seen("watched") if kind.startswith("dev.knative.")]
    assert [event["type"] for event in second.events] == seen
    assert stage.cdevents("watched") == ["deployed"]
    # Nobody answers from here on, so nothing of this name may come again: the resync lists what is.
    stage.kubectl("-n", "default", "delete", "deployment", "watched")
    stage.settle()
    second.close()


def test_an_invalid_cdevent_is_a_dead_letter_after_one_attempt(stage: Stage) -> None:
    answer = stage.send(event(id="wrong", source="/test", type=DEPLOYED), b'{"context": {}}')

    [[code, reason, count, destination]] = stage.rows(
        "select response_code, reason, refused_count, destination "
        "from dead_letters where ce_source = '/test' and ce_id = 'wrong'"
    )
    assert answer.status_code == 202
    assert (code, count) == (422, 1)
    assert destination == f"http://{host(NAMESPACE, 'cdevents-endpoint')}"
    assert reason == "context.type is required in a CDEvent"
    log = stage.cluster.serving.programs["cdevents-endpoint"].log.read_text()
    assert log.count(f"422: {reason}") == 1


def test_an_event_that_only_the_broker_takes_is_a_dead_letter(stage: Stage) -> None:
    broken = [
        event(id="old", source="/rules", specversion="0.3"),
        event(id="tab", source="/rules", note="a\tb"),
    ]

    statuses = [stage.send(each, b'{"n": 1.10}').status_code for each in broken]

    kept = stage.rows(
        "select content, response_code, reason from dead_letters "
        "where ce_source = '/rules' order by ce_id"
    )
    beside = {"datacontenttype": "application/json", "data": {"n": 1.10}}
    assert statuses == [202, 202]
    assert kept == [
        [broken[0] | beside, 400, "expected a CloudEvent of specversion 1.0, got 0.3"],
        [broken[1] | beside, 400, "expected no control characters in the CloudEvent's note"],
    ]


def rollout_event(number: int) -> tuple[dict[str, str], bytes]:
    """Return the recorded end of the first rollout as if it were another Deployment's."""
    name = f"burst-{number}"
    attributes = deployment_event(metadata__name=name, metadata__uid=name)
    data = json.dumps(attributes.pop("data")).encode()
    del attributes["datacontenttype"]
    return attributes | {"id": name, "name": name}, data


def test_nothing_is_lost_when_the_database_and_every_function_fail(stage: Stage) -> None:
    events = [rollout_event(number) for number in range(ROLLOUTS)]
    with ThreadPoolExecutor(ROLLOUTS) as senders:
        stage.cluster.postgresql.stop()
        back = time.monotonic() + OUTAGE_SECONDS
        answers = [senders.submit(stage.send, *each) for each in events]
        for program in stage.cluster.serving.programs.values():
            program.kill()
            stage.wait("a kubelet starts it again", program.is_running)
        stage.wait("the outage has lasted", lambda: time.monotonic() > back)
        stage.cluster.postgresql.start()
        stage.wait(
            "each is answered", lambda: all(answer.done() for answer in answers), RETRIES_SECONDS
        )

    statuses = {answer.result().status_code for answer in answers}
    assert statuses == {202}
    counts = [
        "from deployments where deploy_name like 'burst-%'",
        "from cdevents_raw where service_id like 'burst-%'",
        "from cloudevents_raw where ce_id like 'burst-%'",
        "from dead_letters where ce_id like 'burst-%'",
    ]
    assert [stage.rows(f"select count(*) {each}")[0][0] for each in counts] == [200, 200, 200, 0]


def test_a_metric_that_was_away_catches_up_at_the_next_tick(stage: Stage) -> None:
    stage.remove_trigger("deployment-frequency")
    stage.roll_out(deployment("missed"))
    stage.settle()
    assert stage.cdevents("missed") == ["deployed"]
    assert stage.deployments("missed") == []

    stage.kubectl("apply", "-f", str(PROJECTS / "deployment-frequency.yaml"))
    wait_for_trigger(stage, "deployment-frequency")
    stage.wait("the tick of the next minute", lambda: stage.deployments("missed"))

    assert len(stage.deployments("missed")) == 1
