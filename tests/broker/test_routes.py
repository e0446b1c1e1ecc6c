"""The project's Triggers, with the examples of every transformer sent through them."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from local.functions import REPOSITORY
from tests.broker.stand import StartBroker, StartSubscriber, Trigger

EXAMPLES = REPOSITORY / "tests" / "functions"
FILTERS = {
    file.stem: yaml.safe_load(file.read_text())["spec"]["filters"]
    for file in (REPOSITORY / "triggers").glob("*-transformer.yaml")
}


def test_an_example_reaches_the_transformer_that_it_is_of_and_no_other(
    start_broker: StartBroker, subscriber: StartSubscriber
) -> None:
    seen = {name: subscriber() for name in FILTERS}
    broker = start_broker(
        {name: Trigger(seen[name], {"filters": filters}) for name, filters in FILTERS.items()}
    )

    files = sorted(EXAMPLES.glob("*/inputs/*.json"))
    for number, file in enumerate(files):
        broker.send(attributes(file) | {"id": str(number)})
    broker.settle()

    assert len(seen) > 10
    for name, subscribed in seen.items():
        received = {files[int(number)] for number in subscribed.ids}
        own = {file for file in files if file.parts[-3] == name}
        emitting = {file for file in own if (file.parents[1] / "outputs" / file.name).exists()}
        assert emitting <= received <= own, name


def attributes(file: Path) -> dict[str, str]:
    """Return the attributes of an example, without what says how its data is written."""
    given = json.loads(file.read_text())
    return {name: str(given[name]) for name in given.keys() - {"data", "datacontenttype"}}
