"""Rows in, rows out: histories of CDEvents for the metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.events import carried

History = Callable[[Iterable[dict[str, Any]]], None]


@pytest.fixture
def happened(database: Database, function: Functions) -> History:
    """Let CDEvents happen: through the gate, and then to the metric, in this order."""

    def let_happen(events: Iterable[dict[str, Any]]) -> None:
        assert database
        for event in events:
            recorded = function("cdevents-endpoint").post(carried(event))
            assert recorded.status_code == 200, recorded.text
            answer = function("deployment-frequency").post(recorded.data.decode(), **JSON)
            assert answer.status_code == 204, answer.text

    return let_happen


JSON = {"content_type": "application/cloudevents+json"}
