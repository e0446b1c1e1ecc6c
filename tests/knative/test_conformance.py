"""The scenarios of the Broker stand-in, against the real Broker; and what only the real one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.broker.stand import Answer, Subscriber, Trigger, binary, event
from tests.broker.test_delivery import (  # noqa: F401 - pytest runs them from here
    error_of,
    reply,
    test_a_body_that_is_no_cloudevent_is_a_failure_without_a_reason,
    test_a_final_answer_goes_to_the_dead_letters_with_the_reason,
    test_a_reply_goes_into_the_broker_again_with_its_extensions,
    test_a_reply_in_structured_mode_is_an_event_too,
    test_a_trigger_may_have_its_own_dead_letters,
    test_a_trigger_may_have_its_own_delivery_and_keeps_the_dead_letters_of_the_broker,
    test_an_event_that_nobody_wants_is_taken,
    test_every_trigger_that_matches_gets_the_event,
    test_no_answer_at_all_counts_as_500,
    test_retries_wait_longer_and_longer,
    test_what_may_pass_is_tried_again,
)
from tests.broker.test_filters import PING, test_a_filter_decides_by_attributes
from tests.broker.test_ingress import (  # noqa: F401 - pytest runs them from here
    structured,
    test_a_structured_event_arrives_in_binary_mode,
    test_an_event_arrives_as_it_was_sent,
    test_extensions_become_their_text,
)
from tests.broker.test_routes import (  # noqa: F401 - pytest runs it from here
    test_an_example_reaches_the_transformer_that_it_is_of_and_no_other,
)

if TYPE_CHECKING:
    from tests.knative.real_broker import RealBroker

StartBroker = Callable[[dict[str, Trigger]], "RealBroker"]
Start = Callable[..., Subscriber]

CASES: list[tuple[dict[str, Any], bool]] = test_a_filter_decides_by_attributes.pytestmark[0].args[1]
del test_a_filter_decides_by_attributes  # it asks the stand-in's own function

STRUCTURED = {"content-type": "application/cloudevents+json"}


def test_filters_decide_by_attributes(start_broker: StartBroker, subscriber: Start) -> None:
    seen = subscriber()
    triggers = {
        f"case-{number}": Trigger(seen, {**spec, "subscriber": {"uri": f"{seen.url}/{number}"}})
        for number, (spec, _) in enumerate(CASES)
    }
    broker = start_broker(triggers)

    broker.send(event(**PING))

    assert seen.paths == {f"/{number}" for number, (_, matches) in enumerate(CASES) if matches}


def test_events_that_reply_to_themselves_end(start_broker: StartBroker, subscriber: Start) -> None:
    loop = subscriber(reply(id="again"))
    broker = start_broker({"loop": Trigger(loop)})

    broker.send(event(id="first"))

    assert len(loop.ids) == 255
    assert all("knativebrokerttl" not in received for received in loop.events)


def test_a_body_of_four_mebibytes_passes(start_broker: StartBroker, subscriber: Start) -> None:
    seen = subscriber()
    broker = start_broker({"seen": Trigger(seen)})

    broker.send(event(), b"x" * 4_194_304)

    assert [len(body) for body in seen.bodies] == [4_194_304]


# A longer one crashes the in-memory channel of this version, and all that it carries is lost.
def test_a_reason_of_768_bytes_is_kept_whole(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber
) -> None:
    broker = start_broker({"seen": Trigger(subscriber(Answer(422, {}, b"x" * 768)))})

    broker.send(event())

    assert dead_letters.events[0]["knativeerrordata"] == "eHh4" * 256


def test_a_reply_that_is_no_valid_event_is_refused_by_the_broker_itself(
    start_broker: StartBroker, subscriber: Start, dead_letters: Subscriber
) -> None:
    seen = subscriber(Answer(200, {"ce-specversion": "1.0"}))
    broker = start_broker({"seen": Trigger(seen)})

    broker.send(event())

    assert (seen.ids, dead_letters.ids) == (["1"], ["1"])
    error = error_of(dead_letters.events[0])
    assert error.pop("knativeerrordest").endswith(f"/conformance/{broker.name}")
    assert error == {"knativeerrorcode": "400", "knativeerrordata": ""}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{}", 400),
        (binary(event(id="")), b"", 400),
        (binary(event(source="")), b"", 400),
        (binary(event(type="")), b"", 400),
        (binary(event(time="yesterday")), b"", 400),
        (binary(event(datacontenttype="text/plain")), b"", 400),
        (STRUCTURED, b"{", 400),
        (STRUCTURED, b"[]", 400),
        (STRUCTURED, structured(data=1, data_base64=""), 400),
        (STRUCTURED, structured(data={}, datacontenttype="application/x+json"), 400),
        ({"content-type": "application/cloudevents-batch+json"}, b"[]", 400),
        (STRUCTURED, structured(x="a\nb"), 500),
        (STRUCTURED, structured(X="a"), 202),
        (STRUCTURED, structured(x=1.5), 202),
        (binary(event(specversion="0.3")), b"", 202),
    ],
)
def test_the_ingress_answers_with_a_status_alone(
    start_broker: StartBroker,
    subscriber: Start,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    broker = start_broker({"seen": Trigger(subscriber())})

    answer = broker.post(headers, body)

    assert (answer.status_code, answer.text) == (status, "")
