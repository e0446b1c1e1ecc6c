"""Events through the Broker stand-in and every function's own process."""

from __future__ import annotations

import random
from typing import Any

import pytest
import requests

from local.events import recorded_events
from tests.bad_input import NO_CLOUDEVENTS, REFUSED_CDEVENTS
from tests.events import FINISHED, RECORDED, carried, cdevent, cloudevent
from tests.local.conftest import RunningStack
from tests.metrics.test_any_order import BY_HAND
from tests.waiting import PATIENCE_SECONDS, wait_until

DAY = "/deploy-frequency/day"
ORDERS = {
    "as recorded": recorded_events(),
    "twice": recorded_events() * 2,
    "in reverse": recorded_events()[::-1],
    "shuffled": random.Random(7).sample(recorded_events(), len(RECORDED)),  # noqa: S311 - an order
}


@pytest.mark.parametrize("order", ORDERS)
def test_the_recorded_rollouts_are_counted_as_worked_out_by_hand(
    running: RunningStack, order: str
) -> None:
    for event in ORDERS[order]:
        assert running.send(event).status_code == 202
    running.settle()

    assert running.ask(DAY) == BY_HAND
    assert running.rows("select count(*) from cloudevents_raw") == [[len(RECORDED)]]
    assert running.rows("select count(*) from cdevents_raw") == [[13]]
    assert running.rows("select count(*) from dead_letters") == [[0]]


def test_a_rollout_is_in_the_answer_as_soon_as_it_is_done(running: RunningStack) -> None:
    running.send(FINISHED)

    wait_until(lambda: running.ask(DAY))

    assert running.ask(DAY) == [
        {"DeployName": "nginx-deployment", "Deployments": 1, "Time": "2026-11-23T00:00:00Z"}
    ]


def test_a_cdevent_from_any_tool_is_counted(running: RunningStack) -> None:
    running.send(carried(cdevent()))
    running.settle()

    assert running.ask(DAY) == [
        {"DeployName": "shop", "Deployments": 1, "Time": "2026-01-05T00:00:00Z"}
    ]


def test_cdevents_and_ticks_are_not_among_the_raw_events(running: RunningStack) -> None:
    running.send(carried(cdevent()))
    running.send(cloudevent(type="dev.knative.sources.ping", catchup="true"))
    running.send(cloudevent(id="raw"))
    running.settle()

    assert running.rows("select ce_id from cloudevents_raw") == [["raw"]]


def test_binary_mode_is_taken_too(running: RunningStack) -> None:
    headers = {f"ce-{name}": value for name, value in cloudevent().items() if name != "data"}
    del headers["ce-datacontenttype"]

    answer = requests.post(
        running.stack.broker_url, json={"hello": "world"}, headers=headers, timeout=PATIENCE_SECONDS
    )
    running.settle()

    assert answer.status_code == 202
    assert running.rows("select content from cloudevents_raw") == [[cloudevent()]]


@pytest.mark.parametrize("kind", NO_CLOUDEVENTS)
def test_the_broker_takes_no_rubbish(running: RunningStack, kind: str) -> None:
    body, headers = NO_CLOUDEVENTS[kind]
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    answer = requests.post(running.stack.broker_url, body, headers=named, timeout=PATIENCE_SECONDS)

    assert answer.status_code == (500 if "control character" in kind else 400)
    assert "\n" not in answer.text.strip()


def test_the_broker_takes_no_more_than_one_mebibyte(running: RunningStack) -> None:
    assert running.send(cloudevent(data="x" * 1024 * 1024)).status_code == 413


def test_each_refused_cdevent_is_a_dead_letter_and_nothing_valid_is_lost(
    running: RunningStack,
) -> None:
    sent = {}
    for kind, (event, part) in REFUSED_CDEVENTS.items():
        assert running.send(event).status_code == 202
        sent[event["id"]] = part
        running.send(carried(cdevent(id=f"valid beside {kind}")))
    running.settle()

    kept = dict(running.rows("select ce_id, reason from dead_letters where response_code = 422"))
    assert kept.keys() == sent.keys()
    assert [event for event, part in sent.items() if part not in kept[event]] == []
    assert running.rows("select count(*) from cdevents_raw") == [[len(REFUSED_CDEVENTS)]]
    # All tell of one version, so of one deployment.
    assert running.rows("select count(*) from deployments") == [[1]]


def test_an_event_that_only_the_broker_takes_is_a_dead_letter(running: RunningStack) -> None:
    broken = [
        cloudevent(id="1", specversion="0.3"),
        cloudevent(id="2", note="a\tb"),
        cloudevent(id="3", note="a\x85b"),
    ]

    for event in broken:
        assert running.send(event).status_code == 202
    running.settle()

    kept = running.rows("select content, response_code, reason from dead_letters order by ce_id")
    control = "expected no control characters in the CloudEvent's note"
    assert kept == [
        [broken[0], 400, "expected a CloudEvent of specversion 1.0, got 0.3"],
        [broken[1], 400, control],
        [broken[2], 400, control],
    ]


@pytest.mark.parametrize(
    ("note", "table"),
    [("x" * 1_000_000, "cloudevents_raw"), ("\x85" * 150_000, "dead_letters")],
    ids=["right", "wrong"],
)
def test_an_attribute_of_almost_a_mebibyte_is_kept(
    running: RunningStack, note: str, table: str
) -> None:
    event = cloudevent(note=note)

    assert running.send(event).status_code == 202
    running.settle()

    assert running.rows(f"select content from {table}") == [[event]]


def test_a_broken_deployment_is_a_dead_letter_of_the_transformer(running: RunningStack) -> None:
    event: dict[str, Any] = FINISHED | {"id": "broken", "data": {"kind": "Deployment"}}

    running.send(event)
    running.settle()

    assert running.rows("select ce_id, reason from dead_letters") == [
        ["broken", "expected data to be a workload with metadata.uid and spec.template"]
    ]
    assert running.rows("select ce_id from cloudevents_raw") == [["broken"]]
