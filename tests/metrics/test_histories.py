"""Every history of tests/data/histories gives the numbers that were worked out for it.

tests/data/histories/README.md says what a file holds.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from dora import database as dora_database
from local.postgresql import Postgresql
from tests.conftest import Database, Functions
from tests.events import carried
from tests.metrics.conftest import BATCH, METRICS, TICK

DATA = Path(__file__).parents[1] / "data" / "histories"
HISTORIES = [json.loads(file.read_text()) for file in sorted(DATA.glob("*.json"))]
ALONE = [[history] for history in HISTORIES if history.get("alone")]
TOGETHER = [history for history in HISTORIES if not history.get("alone")]
# So many events at once, and then each metric is brought up to date.
BATCH_SIZE = 50

History = dict[str, Any]
Events = list[dict[str, Any]]


def in_order(events: Events) -> Events:
    return sorted(events, key=lambda event: datetime.fromisoformat(event["context"]["timestamp"]))


def shuffled_with_repeats(events: Events) -> Events:
    chance = random.Random(11)  # noqa: S311 - an order
    repeated = [*events, *chance.sample(events, k=len(events) // 3)]
    return chance.sample(repeated, k=len(repeated))


@pytest.mark.parametrize("order", [in_order, shuffled_with_repeats])
def test_every_history_gives_its_numbers(
    server: Postgresql,
    function: Functions,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    order: Any,
) -> None:
    wrong: dict[str, list[str]] = {}
    for histories in [TOGETHER, *ALONE]:
        catalog = tmp_path / f"{histories[0]['name']}.yaml"
        if "catalog" in histories[0]:
            catalog.write_text(yaml.safe_dump(histories[0]["catalog"]))
        with installation(server, function, catalog):
            events = order([event for history in histories for event in history["events"]])
            for start in range(0, len(events), BATCH_SIZE):
                record(function, events[start : start + BATCH_SIZE])
            for history in histories:
                wrong[history["name"]] = list(differences(function, history))

    right = sum(not found for found in wrong.values())
    with capsys.disabled():
        sys.stdout.write(f"\n{right} of {len(HISTORIES)} histories right, {order.__name__}\n")
    assert right == len(HISTORIES), "\n".join(line for found in wrong.values() for line in found)


@contextmanager
def installation(server: Postgresql, function: Functions, catalog: Path) -> Iterator[None]:
    """A database of its own, and functions that use it and this catalog."""
    database = Database(server)
    with pytest.MonkeyPatch.context() as patch:
        database.use(patch)
        for name in ("metrics-endpoint", *METRICS):
            patch.setitem(function(name).environment, "DORA_CATALOG", str(catalog))
        yield
        dora_database.close()
    database.drop()


def record(function: Functions, events: Events) -> None:
    """Record events in a batch, and let each metric catch up."""
    batch = json.dumps([carried(event) for event in events])
    recorded = function("cdevents-endpoint").post(batch, content_type=BATCH)
    assert json.loads(recorded.data)["refused"] == []
    for metric in METRICS:
        assert function(metric).post(TICK).status_code == 204


def differences(function: Functions, history: History) -> Iterator[str]:
    """Give what is answered otherwise than expected: a line for each field."""
    for metric, fields in history["expect"].items():
        answer = function("metrics-endpoint").get(
            f"/metrics/{metric}", bucket="all", **history["asked"]
        )
        if answer.status_code != 200:
            yield f"{history['name']} {metric}: {answer.text}"
            continue
        [group] = json.loads(answer.data)["groups"] or [{}]
        for field, expected in fields.items():
            got = group.get(field, "no such field" if group else None)
            if not is_same(got, expected):
                yield f"{history['name']} {metric} {field}: expected {expected}, got {got}"


def is_same(got: Any, expected: Any) -> bool:
    """Tell whether two values are the same; no group means null and 0."""
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return abs(got - expected) <= 1e-6
    return got == expected or (got is None and expected == 0)
