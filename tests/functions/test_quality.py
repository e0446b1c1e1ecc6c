"""What came from each source, as /quality answers it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dora.function import UNKNOWN
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent

TODAY = datetime.now(UTC).strftime("%Y-%m-%d")


@pytest.fixture
def arrived(database: Database, function: Functions) -> Functions:
    """Two pushes and an unknown shape of one source, a CDEvent of it, a dead letter of another."""
    assert database
    for number, kind in enumerate(("push", "push", UNKNOWN)):
        event = cloudevent(id=str(number), source="/shop", type=kind)
        assert function("cloudevents-endpoint").post(event).status_code == 204
    assert function("cdevents-endpoint").post(carried(cdevent(source="/shop"))).status_code == 200
    letter = cloudevent(source="/cart", knativeerrorcode="422", knativeerrordata="bm8=")
    assert function("dead-letters-endpoint").post(letter).status_code == 204
    return function


def quality(function: Functions, **asked: Any) -> dict[str, Any]:
    answer = function("metrics-endpoint").get("/quality", **asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_each_source_has_its_events_a_day_its_cdevents_and_its_refusals(
    arrived: Functions,
) -> None:
    cart, shop = quality(arrived)["quality"]

    assert (shop["source"], shop["cdevents"], shop["refusals"]) == ("/shop", 1, 0)
    assert shop["days"] == [
        {"type": UNKNOWN, "day": TODAY, "events": 1},
        {"type": "push", "day": TODAY, "events": 2},
    ]
    assert shop["last_at"].startswith(TODAY)
    assert (cart["source"], cart["days"], cart["cdevents"]) == ("/cart", [], 0)
    assert (cart["refusals"], cart["last_refusal"]) == (1, "no")


def test_it_is_of_what_arrived_in_the_span(arrived: Functions) -> None:
    assert quality(arrived, **{"from": "2020-01-01", "to": "2020-02-01"})["quality"] == []


def test_it_comes_a_page_at_a_time(arrived: Functions) -> None:
    first = quality(arrived, limit=1)
    second = quality(arrived, limit=1, cursor=first["next"])

    assert [row["source"] for row in first["quality"] + second["quality"]] == ["/cart", "/shop"]
    assert second["next"] is None
