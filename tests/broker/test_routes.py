"""The project's Triggers, with the examples of every transformer sent through them."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack

from local.functions import all_functions
from tests.broker.stand import LocalBroker, Subscriber, event
from tests.broker.test_manifests import PROJECT, ROOT

EXAMPLES = ROOT / "tests" / "functions"


def test_an_example_reaches_the_transformer_that_it_is_of_and_no_other(
    closing: ExitStack, subscriber: Callable[..., Subscriber]
) -> None:
    names = [function.name for function in all_functions() if function.takes_events]
    services = {name: subscriber() for name in [*names, "sockeye"]}
    broker = LocalBroker(PROJECT, {name: service.url for name, service in services.items()})
    closing.callback(broker.close)

    files = sorted(EXAMPLES.glob("*/inputs/*.json"))
    for number, file in enumerate(files):
        told = json.loads(file.read_text())
        attributes = {name: str(value) for name, value in told.items() if name != "data"}
        broker.send(event(**attributes | {"id": str(number), "subject": "any"}))
    broker.settle()

    for name in (name for name in names if name.endswith("-transformer")):
        received = {files[int(number)] for number in services[name].ids}
        own = {file for file in files if file.parts[-3] == name}
        emitting = {file for file in own if (file.parents[1] / "outputs" / file.name).exists()}
        assert emitting <= received <= own, name
