"""Payloads changed at random, seeded: a transformer answers 200, 204 or 422, and never an invalid event."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudevents.http import CloudEvent
from parliament import Context
from werkzeug import Request

from dora import sink
from dora.cdevents_schemas import problem
from tests.broker.stand import Answer, Subscriber
from tests.conftest import FUNCTIONS, load

INPUTS = Path(__file__).parent
MUTATED = 10_000
HEADERS = {"ce-specversion": "1.0", "ce-time": "in the event"}
TRANSFORMERS = [name for name in FUNCTIONS if name.endswith("-transformer")]
JUNK: list[Any] = [
    *(None, True, False, 0, -1, 7, 1.5, 10**30, "", " ", "7", "0" * 40, "a" * 40),
    *("x" * 100_000, "a\0b", "\n", "\ud800", "\U0001f6d2 \u202e", "%", "::", "https://", "{", "[]"),
    *([], {}, [None], [[]], [{}], {"": None}, {"id": {}}, {"name": 5}, [1, "a", None] * 50),
    *("2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "2026-03-02 10:00:00 UTC", 1772442000),
    *("success", "opened", "closed", "incident", "refs/heads/main", "https://github.com"),
]


def _examples(transformer: str) -> list[dict[str, Any]]:
    files = sorted((INPUTS / transformer / "inputs").glob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place in a payload: what holds it, and its name or number there."""
    names = value.keys() if isinstance(value, dict) else range(len(value))
    for name in list(names):
        yield value, name
        if isinstance(value[name], dict | list):
            yield from _places(value[name])


def _mutated(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    event = copy.deepcopy(event)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        holder, name = chance.choice(list(_places(event["data"])) or [(event, "data")])
        match chance.randrange(4):
            case 0:
                del holder[name]
            case 1:
                other, place = chance.choice(list(_places(event["data"])) or [(event, "data")])
                holder[name] = copy.deepcopy(other[place])
            case 2 if isinstance(holder[name], int | str):
                holder[name] = str(holder[name])
            case _:
                holder[name] = copy.deepcopy(chance.choice(JUNK))
        if not isinstance(event.get("data"), dict | list):
            break
    return event


def _answer(main: Any, event: dict[str, Any]) -> tuple[str, int, Any]:
    """Call a function as its server does, without HTTP, which would take most of the time."""
    context = Context(Request.from_values(method="POST", headers=HEADERS))
    attributes = {name: value for name, value in event.items() if name != "data"}
    context.cloud_event = CloudEvent(attributes, event.get("data"))
    answer: tuple[str, int, Any] = main(context)
    return answer


@pytest.mark.parametrize("transformer", TRANSFORMERS)
def test_no_payload_is_a_bug_or_becomes_an_invalid_event(
    transformer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Subscriber(Answer(202))
    monkeypatch.setenv("K_SINK", broker.url)
    chance, examples = random.Random(transformer), _examples(transformer)  # noqa: S311 - no secret
    main, statuses = load(FUNCTIONS[transformer].folder).main, set()

    for number in range(MUTATED):
        event = _mutated(examples[number % len(examples)], chance)
        body, status, _ = _answer(main, event)
        statuses.add(status)
        assert status in (200, 204, 422), event
        assert status != 200 or problem(json.loads(body)["data"]) is None, event
    for sent in broker.bodies:
        assert problem(json.loads(sent)["data"]) is None

    assert statuses == {200, 204, 422}
    sink.close()
    broker.close()


# What Kubernetes deletes without a time of its own has the event's.
@pytest.mark.parametrize("transformer", sorted({*TRANSFORMERS} - {"kubernetes-transformer"}))
def test_the_same_input_is_the_same_event_byte_for_byte(transformer: str) -> None:
    main = load(FUNCTIONS[transformer].folder).main

    for event in _examples(transformer):
        sent_again = event | {"id": "another", "time": "2026-12-31T00:00:00Z"}
        assert _answer(main, event)[0] == _answer(main, sent_again)[0]
