"""Every transformer's examples through the whole stack."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import RunningStack

pytestmark = pytest.mark.long

EXAMPLES = Path(__file__).parents[1] / "functions"


def read(pattern: str) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(EXAMPLES.glob(pattern))]


def test_all_examples_become_their_cdevents_and_each_is_kept_once(running: RunningStack) -> None:
    inputs = read("*/inputs/*.json") * 2
    random.Random(6).shuffle(inputs)  # noqa: S311 - an order
    for number, event in enumerate(inputs):
        assert running.send(event | {"id": str(number)}).status_code == 202
    running.settle()

    emitted = {(event["source"], event["id"]) for event in read("*/outputs/*.json")}
    kept = running.rows("select cd_source, cd_id from cdevents_raw")
    assert {(source, id_) for source, id_ in kept} == emitted
    assert running.rows("select content, reason from dead_letters") == []
