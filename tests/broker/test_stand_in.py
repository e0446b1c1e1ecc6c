"""What only the stand-in of the Broker does."""

from __future__ import annotations

import logging

import pytest
import requests

from local.broker import MAX_BODY
from local.manifests import Delivery
from tests.broker.stand import (
    Answer,
    StartStandIn,
    StartSubscriber,
    Subscriber,
    Trigger,
    binary,
    event,
    sink,
)
from tests.waiting import PATIENCE_SECONDS, wait_until


def test_a_sender_does_not_wait_for_a_slow_subscriber(
    start_broker: StartStandIn, subscriber: StartSubscriber
) -> None:
    slow, quick = subscriber(), subscriber()
    slow.open.clear()
    broker = start_broker({"slow": Trigger(slow), "quick": Trigger(quick)})

    broker.send(event(id="1"))
    broker.send(event(id="2"))
    wait_until(lambda: sorted(quick.ids) == ["1", "2"])

    assert broker.pending() == 2


def test_at_most_16_deliveries_run_at_a_time(
    start_broker: StartStandIn, subscriber: StartSubscriber
) -> None:
    slow = subscriber()
    slow.open.clear()
    broker = start_broker({"slow": Trigger(slow)})

    for number in range(40):
        broker.send(event(id=str(number)))
    wait_until(lambda: slow.busy == 16)
    slow.open.set()
    broker.settle()

    assert slow.most_busy == 16
    assert sorted(slow.ids, key=int) == [str(number) for number in range(40)]


def test_a_full_broker_refuses_until_there_is_room(
    start_broker: StartStandIn, subscriber: StartSubscriber
) -> None:
    slow = subscriber()
    slow.open.clear()
    broker = start_broker({"slow": Trigger(slow)}, max_pending=1)
    broker.send(event(id="1"))

    refused = broker.post(binary(event(id="2")))
    slow.open.set()
    broker.settle()
    broker.send(event(id="3"))
    broker.settle()

    assert (refused.status_code, refused.text) == (503, "the broker is full: 1 events")
    assert slow.ids == ["1", "3"]


def test_a_body_of_more_than_one_mebibyte_is_refused(start_broker: StartStandIn) -> None:
    response = start_broker({}).post(binary(event()), b"x" * (MAX_BODY + 1))

    assert response.status_code == 413


def test_a_header_that_is_no_utf_8_is_refused(start_broker: StartStandIn) -> None:
    broker = start_broker({})

    headers = {**binary(event()), "ce-x": "\xff"}  # requests sends it as Latin-1
    response = requests.post(broker.root + broker.path, headers=headers, timeout=PATIENCE_SECONDS)

    assert (response.status_code, response.text) == (
        400,
        "this is no CloudEvent: a header is no UTF-8",
    )


@pytest.mark.parametrize(
    ("policy", "waits"),
    [("exponential", [0.2, 0.4, 0.8]), ("linear", [0.0, 0.2, 0.4]), ("", [0.0, 0.0, 0.0])],
)
def test_the_backoff_is_that_of_knative(policy: str, waits: list[float]) -> None:
    delivery = Delivery(backoff_policy=policy, backoff_delay=0.2)

    assert [delivery.backoff(retries) for retries in range(3)] == waits


def test_a_long_reason_is_cut_to_768_bytes(
    start_broker: StartStandIn, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    broker = start_broker({"seen": Trigger(subscriber(Answer(422, {}, b"x" * 5000)))})

    broker.send(event())
    broker.settle()

    assert dead_letters.events[0]["knativeerrordata"] == "eHh4" * 256


def test_what_no_dead_letter_sink_takes_is_lost_with_a_line_of_log(
    start_broker: StartStandIn, subscriber: StartSubscriber, caplog: pytest.LogCaptureFixture
) -> None:
    refusing = subscriber(Answer(503))
    delivery = {"retry": 1, "deadLetterSink": sink("refusing")}
    broker = start_broker({"refusing": Trigger(refusing, {"delivery": delivery})})

    broker.send(event(), b"secret")
    broker.settle()

    assert len(refusing.ids) == 4
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage() == "lost: event 1 of /test, no dead letter sink took it"
    assert "secret" not in caplog.text
