"""A Broker that knows no filters (Knative Eventing before 1.12) gives every event to every function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dora import sink
from tests.broker.stand import Answer, Subscriber
from tests.conftest import FUNCTIONS, Database, Functions
from tests.events import FINISHED, carried, cdevent, cloudevent, example

TAKING = [name for name, each in FUNCTIONS.items() if each.takes_events]
# What becomes of an event, and the reports of all that do not know it and its CDEvent.
MOST_EVENTS = 4 * len(TAKING)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """Where functions send what they do not reply."""
    subscriber = Subscriber(Answer(202))
    monkeypatch.setenv("K_SINK", subscriber.url)
    yield subscriber
    sink.close()
    subscriber.close()


@pytest.mark.parametrize(
    "event",
    [
        carried(cdevent()),
        carried(cdevent(), recorded="true"),
        cloudevent(type="nobody.knows.it"),
        cloudevent(type="dev.dora.unknown"),
        FINISHED,
        example("github-transformer", "01"),
    ],
    ids=["CDEvent", "marked", "of no tool", "unknown", "rollout", "push"],
)
def test_nothing_goes_round_for_ever(
    database: Database, function: Functions, broker: Subscriber, event: dict[str, Any]
) -> None:
    waiting, seen = [event], 0
    while waiting:
        given, seen = waiting.pop(0), seen + 1
        assert seen <= MOST_EVENTS, given["type"]
        for name in TAKING:
            answer = function(name).post(given)
            assert answer.status_code in (200, 204, 422), (name, answer.text)
            waiting += [json.loads(answer.data)] if answer.status_code == 200 else []
        waiting += [json.loads(body) for body in broker.bodies]
        broker.forget()

    assert database.rows("select count(*) <= 2 from cdevents_raw") == [[True]]
