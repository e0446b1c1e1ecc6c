"""Every history of tests/data/histories gives the numbers that were worked out for it.

tests/data/histories/README.md says what a file holds.
"""

from __future__ import annotations

import json
import random
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.events import carried
from tests.metrics.stories import differences, installation, record

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


@pytest.mark.parametrize(
    "order", [in_order, pytest.param(shuffled_with_repeats, marks=pytest.mark.long)]
)
def test_every_history_gives_its_numbers(
    modules_database: Database,
    function: Functions,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    order: Any,
) -> None:
    wrong: dict[str, list[str]] = {}
    for histories in [TOGETHER, *ALONE]:
        with installation(modules_database, function, tmp_path, histories[0]):
            events = order([event for history in histories for event in history["events"]])
            for start in range(0, len(events), BATCH_SIZE):
                record(function, map(carried, events[start : start + BATCH_SIZE]))
            for history in histories:
                wrong[history["name"]] = list(differences(function, history))

    right = sum(not found for found in wrong.values())
    with capsys.disabled():
        sys.stdout.write(f"\n{right} of {len(HISTORIES)} histories right, {order.__name__}\n")
    assert right == len(HISTORIES), "\n".join(line for found in wrong.values() for line in found)
