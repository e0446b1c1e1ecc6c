from __future__ import annotations

import base64
import json
import logging
import socket
from collections.abc import Callable

import pytest

from local.manifests import Delivery
from tests.broker.stand import (
    Answer,
    StartBroker,
    Subscriber,
    Trigger,
    binary,
    event,
    sink,
    wait_until,
)

Start = Callable[..., Subscriber]

NO_EVENT = Answer(200, {"content-type": "text/plain"}, b"OK")


def reply(**attributes: str) -> Answer:
    return Answer(200, {**binary(event(**attributes)), "content-type": "application/json"}, b"{}")


def exact(**attributes: str) -> dict[str, list[dict[str, dict[str, str]]]]:
    return {"filters": [{"exact": attributes}]}


def error_of(letter: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in letter.items() if name.startswith("knativeerror")}


def test_every_trigger_that_matches_gets_the_event(
    start_broker: StartBroker, subscriber: Start
) -> None:
    one, all_events, none = subscriber(), subscriber(), subscriber()
    broker = start_broker(
        {
            "one": Trigger(one, exact(type="a")),
            "all": Trigger(all_events),
            "none": Trigger(none, exact(type="c")),
        }
    )

    broker.send(event(id="1", type="a"))
    broker.settle()
    broker.send(event(id="2", type="b"))
    broker.settle()

    assert (one.ids, all_events.ids, none.ids) == (["1"], ["1", "2"], [])


def test_an_event_that_nobody_wants_is_taken(start_broker: StartBroker) -> None:
    broker = start_broker({})

    broker.send(event())

    broker.settle()


def test_a_sender_does_not_wait_for_a_slow_subscriber(
    start_broker: StartBroker, subscriber: Start
) -> None:
    slow, quick = subscriber(), subscriber()
    slow.open.clear()
    broker = start_broker({"slow": Trigger(slow), "quick": Trigger(quick)})

    broker.send(event(id="1"))
    broker.send(event(id="2"))
    wait_until(lambda: sorted(quick.ids) == ["1", "2"])

    assert broker.pending() == 2


def test_at_most_16_deliveries_run_at_a_time(start_broker: StartBroker, subscriber: Start) -> None:
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


def test_a_reply_goes_into_the_broker_again_with_its_extensions(
    start_broker: StartBroker, subscriber: Start
) -> None:
    transformer, seen = subscriber(reply(id="2", type="b", recorded="true")), subscriber()
    triggers = {
        "transformer": Trigger(transformer, exact(type="a")),
        "seen": Trigger(seen, exact(recorded="true")),
    }
    broker = start_broker(triggers)

    broker.send(event(id="1", type="a"))
    broker.settle()

    del seen.events[0]["knativearrivaltime"]
    want = event(id="2", type="b", recorded="true", datacontenttype="application/json")
    assert seen.events == [want]
    assert seen.bodies == [b"{}"]


def test_a_reply_in_structured_mode_is_an_event_too(
    start_broker: StartBroker, subscriber: Start
) -> None:
    body = json.dumps(event(id="2", type="b") | {"data": {"a": 1}}).encode()
    answer = Answer(201, {"content-type": "application/cloudevents+json"}, body)
    transformer, seen = subscriber(answer), subscriber()
    triggers = {
        "transformer": Trigger(transformer, exact(type="a")),
        "seen": Trigger(seen, exact(type="b")),
    }
    broker = start_broker(triggers)

    broker.send(event(type="a"))
    broker.settle()

    assert (seen.ids, seen.bodies) == (["2"], [b'{"a": 1}'])


def test_events_that_reply_to_themselves_end_as_a_dead_letter(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber
) -> None:
    loop = subscriber(reply(id="again"))
    broker = start_broker({"loop": Trigger(loop)})

    broker.send(event(id="first"))
    broker.settle()

    assert len(loop.ids) == 255
    assert all("knativebrokerttl" not in received for received in loop.events)
    assert dead_letters.ids == ["again"]
    error = error_of(dead_letters.events[0])
    sentence = b"the event again of /test has gone through the broker too often"
    assert base64.b64decode(error.pop("knativeerrordata")) == sentence
    url = broker.root + broker.broker.path
    assert error == {"knativeerrordest": url, "knativeerrorcode": "400"}


def test_a_dead_letter_sink_may_answer_anything_with_a_2xx(
    start_broker: StartBroker, subscriber: Start, caplog: pytest.LogCaptureFixture
) -> None:
    letters = subscriber(NO_EVENT)
    delivery = {"retry": 1, "deadLetterSink": sink("letters")}
    triggers = {
        "seen": Trigger(subscriber(Answer(422)), exact(type="a") | {"delivery": delivery}),
        "letters": Trigger(letters, exact(type="b")),
    }
    broker = start_broker(triggers)

    broker.send(event(type="a"))
    broker.settle()

    assert letters.ids == ["1"]
    assert "lost" not in caplog.text


@pytest.mark.parametrize("status", [404, 408, 409, 429, 500, 503])
def test_what_may_pass_is_tried_again(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber, status: int
) -> None:
    seen = subscriber(Answer(status), Answer(status), Answer(204))
    broker = start_broker({"seen": Trigger(seen)})

    broker.send(event())
    broker.settle()

    assert (seen.ids, dead_letters.ids) == (["1", "1", "1"], [])


def test_retries_wait_longer_and_longer(start_broker: StartBroker, subscriber: Start) -> None:
    seen = subscriber(Answer(503))
    delivery = {"retry": 2, "backoffPolicy": "exponential", "backoffDelay": "PT0.05S"}
    broker = start_broker({"seen": Trigger(seen, {"delivery": delivery})})

    broker.send(event())
    broker.settle()

    first, second, third = seen.times
    assert second - first >= 0.05
    assert third - second >= 0.1


@pytest.mark.parametrize(
    ("policy", "waits"),
    [("exponential", [0.2, 0.4, 0.8]), ("linear", [0.0, 0.2, 0.4])],
)
def test_the_backoff_is_that_of_knative(policy: str, waits: list[float]) -> None:
    delivery = Delivery(backoff_policy=policy, backoff_delay=0.2)

    assert [delivery.backoff(retries) for retries in range(3)] == waits


@pytest.mark.parametrize("status", [302, 400, 422])
def test_a_final_answer_goes_to_the_dead_letters_with_the_reason(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber, status: int
) -> None:
    elsewhere = subscriber()
    seen = subscriber(Answer(status, {"location": elsewhere.url}, b"It is never right."))
    broker = start_broker({"seen": Trigger(seen)})

    broker.send(event(stage="prod"), b"data")
    broker.settle()

    assert (seen.ids, dead_letters.ids, elsewhere.ids) == (["1"], ["1"], [])
    assert dead_letters.bodies == [b"data"]
    assert dead_letters.events[0]["stage"] == "prod"
    assert dead_letters.events[0]["knativebrokerttl"] == "255"
    assert error_of(dead_letters.events[0]) == {
        "knativeerrordest": seen.url,
        "knativeerrorcode": str(status),
        "knativeerrordata": base64.b64encode(b"It is never right.").decode(),
    }


def test_a_reason_is_cut_to_1024_characters_of_base64(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber
) -> None:
    broker = start_broker({"seen": Trigger(subscriber(Answer(422, {}, b"x" * 5000)))})

    broker.send(event())
    broker.settle()

    data = dead_letters.events[0]["knativeerrordata"]
    assert base64.b64decode(data) == b"x" * 768


@pytest.mark.parametrize(
    "answer",
    [
        NO_EVENT,
        Answer(200, {"ce-specversion": "1.0"}),
        Answer(200, {"ce-specversion": "1.0"}, b"x"),
    ],
)
def test_a_body_that_is_no_cloudevent_is_a_failure_without_a_reason(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber, answer: Answer
) -> None:
    seen = subscriber(answer)
    broker = start_broker({"seen": Trigger(seen)})

    broker.send(event())
    broker.settle()

    assert (seen.ids, dead_letters.ids) == (["1", "1", "1"], ["1"])
    assert error_of(dead_letters.events[0]) == {}


def test_no_answer_at_all_counts_as_500(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber
) -> None:
    gone = subscriber()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        gone.url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    broker = start_broker({"gone": Trigger(gone)})

    broker.send(event())
    broker.settle()

    error = error_of(dead_letters.events[0])
    assert error["knativeerrordest"] == gone.url
    assert error["knativeerrorcode"] == "500"
    assert base64.b64decode(error["knativeerrordata"]).startswith(b"dispatch error: ")


def test_a_trigger_may_have_its_own_delivery_and_keeps_the_dead_letters_of_the_broker(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber
) -> None:
    slow = subscriber()
    slow.open.clear()
    delivery = {"retry": 1, "timeout": "PT0.05S"}
    broker = start_broker({"slow": Trigger(slow, {"delivery": delivery})})

    broker.send(event())
    broker.settle()

    assert (slow.ids, dead_letters.ids) == (["1", "1"], ["1"])


def test_a_trigger_may_have_its_own_dead_letters(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber
) -> None:
    own = subscriber()
    spec = exact(type="a") | {"delivery": {"deadLetterSink": sink("own")}}
    triggers = {
        "seen": Trigger(subscriber(Answer(422)), spec),
        "own": Trigger(own, exact(type="b")),
    }
    broker = start_broker(triggers)

    broker.send(event(type="a"))
    broker.settle()

    assert (own.ids, dead_letters.ids) == (["1"], [])


def test_what_no_dead_letter_sink_takes_is_lost_with_a_line_of_log(
    start_broker: StartBroker, subscriber: Start, caplog: pytest.LogCaptureFixture
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
