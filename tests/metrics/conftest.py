"""Rows in, rows out: histories of CDEvents for the metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.conftest import FUNCTIONS, Database, Functions
from tests.events import carried

History = Callable[[Iterable[dict[str, Any]]], None]


@pytest.fixture
def happened(database: Database, function: Functions) -> History:
    """Let CDEvents happen: through the gate, and then to every metric, in this order."""

    def let_happen(events: Iterable[dict[str, Any]]) -> None:
        assert database
        for event in events:
            recorded = function("cdevents-endpoint").post(carried(event))
            assert recorded.status_code == 200, recorded.text
            for metric in METRICS:
                answer = function(metric).post(recorded.data.decode(), **JSON)
                assert answer.status_code == 204, answer.text

    return let_happen


METRICS = [name for name, each in FUNCTIONS.items() if each.folder.parent.name == "metrics"]
JSON = {"content_type": "application/cloudevents+json"}
