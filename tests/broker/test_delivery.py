"""Scenarios of delivery: who gets an event, how often it is tried, and what becomes of it then."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import pytest

from local.processes import free_port
from tests.broker.stand import (
    STRUCTURED,
    Answer,
    StartBroker,
    StartSubscriber,
    Subscriber,
    Trigger,
    binary,
    error_of,
    event,
    exact,
    sink,
    structured,
)
from tests.waiting import wait_until

NO_EVENT = Answer(200, {"content-type": "text/plain"}, b"OK")
RETRIED = (404, 408, 409, 429, 500, 503)
FINAL = (400, 401, 403, 410, 422)


def reply(**attributes: str) -> Answer:
    return Answer(200, binary(event(datacontenttype="application/json", **attributes)), b"{}")


def base64_of(text: bytes) -> str:
    return base64.b64encode(text).decode()


def test_every_trigger_that_matches_gets_the_event(
    start_broker: StartBroker, subscriber: StartSubscriber
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


def test_an_event_that_nobody_wants_is_taken(
    start_broker: StartBroker, dead_letters: Subscriber
) -> None:
    broker = start_broker({})

    broker.send(event())
    broker.settle()

    assert dead_letters.ids == []


@pytest.mark.parametrize(
    ("answer", "content_type", "body"),
    [
        (reply(id="2", type="b", recorded="true"), "application/json", b"{}"),
        (
            Answer(201, STRUCTURED, structured(id="2", type="b", recorded="true", data={"a": 1})),
            "text/plain; charset=utf-8",
            b'{"a":1}',
        ),
    ],
    ids=["binary", "structured"],
)
def test_a_reply_goes_into_the_broker_again_with_its_extensions(
    start_broker: StartBroker,
    subscriber: StartSubscriber,
    answer: Answer,
    content_type: str,
    body: bytes,
) -> None:
    transformer, seen = subscriber(answer), subscriber()
    triggers = {
        "transformer": Trigger(transformer, exact(type="a")),
        "seen": Trigger(seen, exact(recorded="true")),
    }
    broker = start_broker(triggers)

    broker.send(event(id="1", type="a"))
    broker.settle()

    del seen.events[0]["knativearrivaltime"]
    assert seen.events == [
        event(id="2", type="b", recorded="true", datacontenttype=content_type),
    ]
    assert seen.bodies == [body]


def test_events_that_reply_to_themselves_end_as_a_dead_letter(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
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
    assert error.pop("knativeerrordest").endswith(broker.path)
    assert error == {
        "knativeerrorcode": "400",
        "knativeerrordata": base64_of(sentence) if broker.explains else "",
    }


def test_a_reply_that_is_no_valid_event_is_refused_by_the_broker_once(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    replies = [
        Answer(200, {"ce-specversion": "1.0"}),
        Answer(200, {"ce-specversion": "1.0"}, b"x"),
        Answer(200, STRUCTURED, structured(id="")),
        Answer(200, binary(event(datacontenttype="no type")), b"x"),
    ]
    replying = [subscriber(answer) for answer in replies]
    broker = start_broker({f"s{number}": Trigger(seen) for number, seen in enumerate(replying)})

    broker.send(event())
    broker.settle()

    assert [len(seen.ids) for seen in replying] == [1] * len(replies)
    assert dead_letters.ids == ["1"] * len(replies)
    for letter in dead_letters.events:
        assert letter["knativeerrordest"].endswith(broker.path)
        assert letter["knativeerrorcode"] == "400"


def test_a_reply_that_cannot_be_read_is_a_failure_without_a_reason(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    answers = [
        NO_EVENT,
        Answer(200, {"ce-specversion": "2.0"}, b"x"),
        Answer(200, binary(event(time="yesterday"))),
        Answer(200, binary(event(a_b="x"))),
        Answer(200, STRUCTURED, b"{"),
        Answer(200, STRUCTURED),
        Answer(200, {"content-type": "application/cloudevents-batch+json"}, b"[]"),
    ]
    replying = [subscriber(answer) for answer in answers]
    broker = start_broker({f"s{number}": Trigger(seen) for number, seen in enumerate(replying)})

    broker.send(event())
    broker.settle()

    assert [len(seen.ids) for seen in replying] == [3] * len(answers)
    assert [error_of(letter) for letter in dead_letters.events] == [{}] * len(answers)


def test_an_answer_without_a_body_is_no_reply(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    answers = [
        Answer(202),
        Answer(200, {"content-type": "text/plain"}),
        Answer(200, {"ce-specversion": "2.0"}),
    ]
    silent = [subscriber(answer) for answer in answers]
    broker = start_broker({f"s{number}": Trigger(seen) for number, seen in enumerate(silent)})

    broker.send(event())
    broker.settle()

    assert [len(seen.ids) for seen in silent] == [1] * len(answers)
    assert dead_letters.ids == []


def test_what_may_pass_is_tried_again(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    busy = {
        f"s{status}": subscriber(Answer(status), Answer(status), Answer(204)) for status in RETRIED
    }
    broker = start_broker({name: Trigger(seen) for name, seen in busy.items()})

    broker.send(event())
    broker.settle()

    assert {name: len(seen.ids) for name, seen in busy.items()} == dict.fromkeys(busy, 3)
    assert dead_letters.ids == []


@pytest.mark.parametrize(("statuses", "attempts"), [(RETRIED, 3), (FINAL, 1)])
def test_what_does_not_pass_is_a_dead_letter_with_the_reason(
    start_broker: StartBroker,
    subscriber: StartSubscriber,
    dead_letters: Subscriber,
    statuses: tuple[int, ...],
    attempts: int,
) -> None:
    refusing = {str(status): subscriber(Answer(status, {}, b"It is so.")) for status in statuses}
    broker = start_broker({f"s{status}": Trigger(seen) for status, seen in refusing.items()})

    broker.send(event(stage="prod"), b"data")
    broker.settle()

    assert [len(seen.ids) for seen in refusing.values()] == [attempts] * len(statuses)
    assert dead_letters.bodies == [b"data"] * len(statuses)
    assert {letter["stage"] for letter in dead_letters.events} == {"prod"}
    assert {letter["knativebrokerttl"] for letter in dead_letters.events} == {"255"}
    letters = {letter["knativeerrorcode"]: error_of(letter) for letter in dead_letters.events}
    assert letters == {
        status: {
            "knativeerrordest": seen.url,
            "knativeerrorcode": status,
            "knativeerrordata": base64_of(b"It is so."),
        }
        for status, seen in refusing.items()
    }


@pytest.mark.parametrize(
    ("policy", "least_waits"),
    [({"backoffPolicy": "exponential"}, [0.2, 0.4]), ({"backoffPolicy": "linear"}, [0, 0.2])],
)
def test_retries_wait_longer_and_longer(
    start_broker: StartBroker,
    subscriber: StartSubscriber,
    policy: dict[str, str],
    least_waits: list[float],
) -> None:
    seen = subscriber(Answer(503))
    delivery = {"retry": 2, "backoffDelay": "PT0.2S", **policy}
    broker = start_broker({"seen": Trigger(seen, {"delivery": delivery})})

    broker.send(event())
    broker.settle()

    waits = [later - earlier for earlier, later in itertools.pairwise(seen.times)]
    assert all(wait >= least for wait, least in zip(waits, least_waits, strict=True))


def test_without_a_policy_retries_do_not_wait(
    start_broker: StartBroker, subscriber: StartSubscriber
) -> None:
    seen = subscriber(Answer(503))
    broker = start_broker(
        {"seen": Trigger(seen, {"delivery": {"retry": 2, "backoffDelay": "PT9S"}})}
    )

    broker.send(event())
    broker.settle()

    assert len(seen.ids) == 3


def test_a_redirection_is_followed(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    by_get, by_post = subscriber(), subscriber()
    targets = {301: by_get, 302: by_get, 303: by_get, 307: by_post, 308: by_post}
    moved = {
        f"s{status}": subscriber(Answer(status, {"location": target.url}))
        for status, target in targets.items()
    }
    broker = start_broker({name: Trigger(seen) for name, seen in moved.items()})

    broker.send(event(), b"data")
    broker.settle()

    assert [len(seen.ids) for seen in moved.values()] == [1] * len(moved)
    assert (by_get.ids, by_get.bodies) == (["1"] * 3, [b""] * 3)
    assert (by_post.ids, by_post.bodies) == (["1"] * 2, [b"data"] * 2)
    assert dead_letters.ids == []


def test_a_redirection_to_nowhere_is_final(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    seen = subscriber(Answer(302))
    broker = start_broker({"seen": Trigger(seen)})

    broker.send(event())
    broker.settle()

    assert seen.ids == ["1"]
    assert dead_letters.events[0]["knativeerrorcode"] == "302"


def test_a_reason_of_768_bytes_is_kept_whole(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    broker = start_broker({"seen": Trigger(subscriber(Answer(422, {}, b"x" * 768)))})

    broker.send(event())
    broker.settle()

    assert dead_letters.events[0]["knativeerrordata"] == base64_of(b"x" * 768)


def test_no_answer_at_all_counts_as_500(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    gone = subscriber()
    gone.url = f"http://127.0.0.1:{free_port()}"
    broker = start_broker({"gone": Trigger(gone)})

    broker.send(event())
    broker.settle()

    error = error_of(dead_letters.events[0])
    assert error["knativeerrordest"] == gone.url
    assert error["knativeerrorcode"] == "500"
    assert base64.b64decode(error["knativeerrordata"]).startswith(b"dispatch error: ")


def test_no_answer_in_time_is_a_failure_without_a_reason(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    slow = subscriber()
    slow.open.clear()
    delivery = {"retry": 1, "timeout": "PT1S"}
    broker = start_broker({"slow": Trigger(slow, {"delivery": delivery})})

    broker.send(event())
    broker.settle()
    wait_until(lambda: len(slow.ids) >= 2)  # it may come to read when nobody waits any more

    assert slow.ids == ["1", "1"]
    assert [error_of(letter) for letter in dead_letters.events] == [{}]


def test_a_trigger_may_have_its_own_delivery_and_keeps_the_dead_letters_of_the_broker(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    failing = subscriber(Answer(503))
    broker = start_broker({"failing": Trigger(failing, {"delivery": {"retry": 1}})})

    broker.send(event())
    broker.settle()

    assert (failing.ids, dead_letters.ids) == (["1", "1"], ["1"])


def test_a_trigger_may_have_its_own_dead_letters_whose_answer_does_not_matter(
    start_broker: StartBroker, subscriber: StartSubscriber, dead_letters: Subscriber
) -> None:
    own = subscriber(NO_EVENT)
    delivery: dict[str, Any] = {"retry": 1, "deadLetterSink": sink("own")}
    triggers = {
        "seen": Trigger(subscriber(Answer(422)), exact(type="a") | {"delivery": delivery}),
        "own": Trigger(own, exact(type="b")),
    }
    broker = start_broker(triggers)

    broker.send(event(type="a"))
    broker.settle()

    assert (own.ids, dead_letters.ids) == (["1"], [])
