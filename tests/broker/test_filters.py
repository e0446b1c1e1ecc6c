"""The scenario of filters: which Triggers an event matches."""

from __future__ import annotations

from typing import Any

from tests.broker.stand import StartBroker, StartSubscriber, Trigger, event

EVENTS = [
    event(id="a", type="dev.ping", stage="prod"),
    event(id="b", type="dev.ping", stage="test"),
    event(id="c", type="x.dev.ping.x"),  # no stage
]
# The filters, and the ids of the events that match.
CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["a", "b", "c"]),
    ({"filters": []}, ["a", "b", "c"]),
    ({"filter": {"attributes": {}}}, ["a", "b", "c"]),
    ({"filter": {"attributes": {"type": "dev.ping", "stage": "prod"}}}, ["a"]),
    ({"filter": {"attributes": {"stage": ""}}}, ["a", "b"]),  # any stage, but one
    ({"filters": [{"exact": {"type": "dev.ping"}}]}, ["a", "b"]),
    ({"filters": [{"exact": {"type": "dev.ping", "stage": "test"}}]}, ["b"]),
    ({"filters": [{"exact": {"type": "dev.ping"}}, {"exact": {"stage": "test"}}]}, ["b"]),
    ({"filters": [{"prefix": {"type": "dev.", "source": "/"}}]}, ["a", "b"]),
    ({"filters": [{"prefix": {"stage": "pr"}}]}, ["a"]),
    ({"filters": [{"suffix": {"type": ".ping", "source": "test"}}]}, ["a", "b"]),
    ({"filters": [{"suffix": {"stage": "st"}}]}, ["b"]),
    ({"filters": [{"all": [{"prefix": {"type": "dev"}}, {"exact": {"stage": "prod"}}]}]}, ["a"]),
    ({"filters": [{"any": [{"prefix": {"type": "x"}}, {"exact": {"stage": "prod"}}]}]}, ["a", "c"]),
    # What is not there matches nothing, so its negation does.
    ({"filters": [{"not": {"exact": {"stage": "prod"}}}]}, ["b", "c"]),
    ({"filters": [{"not": {"prefix": {"stage": "pr"}}}]}, ["b", "c"]),
    ({"filters": [{"not": {"suffix": {"stage": "od"}}}]}, ["b", "c"]),
    ({"filters": [{"not": {"not": {"exact": {"stage": "prod"}}}}]}, ["a"]),
    # Filters win over filter.
    ({"filter": {"attributes": {"type": "x"}}, "filters": [{"exact": {"stage": "test"}}]}, ["b"]),
]


def test_filters_decide_by_attributes(
    start_broker: StartBroker, subscriber: StartSubscriber
) -> None:
    triggers = {f"s{number}": Trigger(subscriber(), spec) for number, (spec, _) in enumerate(CASES)}
    broker = start_broker(triggers)

    for each in EVENTS:
        broker.send(each)
    broker.settle()

    matches = [(trigger.spec, sorted(trigger.subscriber.ids)) for trigger in triggers.values()]
    assert matches == CASES
