"""The project's Triggers, with the examples of every transformer sent through them."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import yaml

from local.functions import REPOSITORY
from tests.broker.stand import RunningBroker, Subscriber, Trigger, event, wait_until

EXAMPLES = REPOSITORY / "tests" / "functions"
FILTERS = {
    file.stem: yaml.safe_load(file.read_text())["spec"]["filters"]
    for file in (REPOSITORY / "triggers").glob("*-transformer.yaml")
}


def test_an_example_reaches_the_transformer_that_it_is_of_and_no_other(
    start_broker: Callable[[dict[str, Trigger]], RunningBroker],
    subscriber: Callable[..., Subscriber],
) -> None:
    seen = {name: subscriber() for name in FILTERS}
    broker = start_broker(
        {name: Trigger(seen[name], {"filters": filters}) for name, filters in FILTERS.items()}
    )

    files = sorted(EXAMPLES.glob("*/inputs/*.json"))
    for file in files:
        if file.stem.startswith("01-"):  # a Trigger may be ready before the Broker knows it
            wait_until(partial(_arrives, broker, file, seen[file.parts[-3]]))
    for number, file in enumerate(files):
        _send(broker, file, str(number))
    broker.settle()

    assert len(seen) > 10
    for name, subscribed in seen.items():
        received = {files[int(number)] for number in subscribed.ids if number != "probe"}
        own = {file for file in files if file.parts[-3] == name}
        emitting = {file for file in own if (file.parents[1] / "outputs" / file.name).exists()}
        assert emitting <= received <= own, name


def _arrives(broker: RunningBroker, file: Path, subscriber: Subscriber) -> bool:
    _send(broker, file, "probe")
    return "probe" in subscriber.ids


def _send(broker: RunningBroker, file: Path, event_id: str) -> None:
    told = json.loads(file.read_text())
    names = told.keys() - {"data", "datacontenttype"}
    attributes = {name: str(told[name]) for name in names}
    broker.send(event(**attributes | {"id": event_id, "subject": "any"}))
