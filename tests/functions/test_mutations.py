"""Every transformer against thousands of broken versions of its own examples.

DORA_TEST_MUTATIONS says how many of each; what became of them is printed.

Called in this process below the server, so that ten thousand take seconds: what a transformer does
with an event is to return CDEvents, none, or to raise what is answered with 422.
"""

from __future__ import annotations

import copy
import inspect
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudevents.conversion import to_structured
from cloudevents.http import CloudEvent
from flask import Request
from werkzeug.test import EnvironBuilder

from dora.cdevents import require_same
from dora.cdevents.schemas import problem
from dora.context import Context
from dora.errors import PermanentError, UnknownShapeError
from tests.conftest import FUNCTIONS, load
from tests.sink import as_cloudevent

FOLDER = Path(__file__).parent
TRANSFORMERS = [name for name in FUNCTIONS if name.endswith("-transformer")]
# Ten thousand of each were run when it was written: DORA_TEST_MUTATIONS=10000.
MUTATIONS = int(os.environ.get("DORA_TEST_MUTATIONS", "2000"))
BY_EVENT_TIME = ("kubernetes-transformer", "harbor-transformer")
ODD: list[Any] = [
    *(None, True, False, 0, -1, 3.5, 2**63, 10**30, "", " ", "x" * 5000, [], {}, [[]], {"": None}),
    *(
        "\0",
        "\n",
        "\ud800",
        "💥𝕏ﷺ\u202e",
        "".join(chr(plane << 16 | 0x2000) for plane in range(17)),
        "0",
        "null",
        "2026-02-31T25:61:61Z",
        "0001-01-01T00:00:00Z",
    ),
    *("success", "closed", "refs/heads/main", "0" * 40, 1772442000, "2026-03-02 10:00:00 UTC"),
    *("9" * 400, "http://", "://", "a b:c@d", "pkg:", "@", "sha256:", "-"),
]


def examples(name: str) -> list[dict[str, Any]]:
    files = sorted((FOLDER / name / "inputs").glob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Return each place within a JSON value: what holds it, and its key or index."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = value
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from places(value[key])


def mutate(data: Any, chance: random.Random) -> Any:
    """Break a few places: something odd for a value, a value gone, taken twice, or of another kind."""
    data = copy.deepcopy(data)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        found = list(places(data))
        if not found or chance.random() < 0.01:
            return chance.choice(ODD)
        holder, key = chance.choice(found)
        chance.choice([_odd, _odd, _gone, _wrapped, _as_text, _cut])(holder, key, chance)
    return data


def _odd(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = copy.deepcopy(chance.choice(ODD))


def _gone(holder: Any, key: Any, _: random.Random) -> None:
    del holder[key]


def _wrapped(holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = chance.choice([[holder[key], holder[key]], {"value": holder[key]}])


def _as_text(holder: Any, key: Any, _: random.Random) -> None:
    holder[key] = json.dumps(holder[key])


def _cut(holder: Any, key: Any, chance: random.Random) -> None:
    text = str(holder[key])
    place = chance.randrange(len(text) + 1)
    holder[key] = (
        text[:place] + chance.choice(["", "\u0000", "é", "@", ":", "/"]) + text[place + 1 :]
    )


def called(name: str) -> Callable[[dict[str, Any]], list[CloudEvent] | None]:
    """Return what calls the transformer's own handler; None is a refusal."""
    handler = inspect.unwrap(load(FUNCTIONS[name].folder).main)
    request = Request(EnvironBuilder(method="POST").get_environ())

    def call(event: dict[str, Any]) -> list[CloudEvent] | None:
        context = Context(request)
        context.cloud_event = as_cloudevent(event)
        try:
            emitted = handler(context)
        except UnknownShapeError:
            return []
        except PermanentError:
            return None
        return emitted if isinstance(emitted, list) else [emitted] if emitted else []

    return call


@pytest.mark.long
@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_broken_event_is_a_valid_cdevent_nothing_or_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for setting in ("DEPLOY_WORKFLOWS", "DEPLOY_JOBS"):  # so that runs are deployments, too
        monkeypatch.setenv(setting, "*")
    chance = random.Random(name)  # noqa: S311 - the same mutations each time
    call, inputs, seen = called(name), examples(name), Counter[str]()
    for _ in range(MUTATIONS):
        example = chance.choice(inputs)
        event = example | {"data": mutate(example["data"], chance)}
        emitted = call(event)
        seen["refused" if emitted is None else "emitted" if emitted else "nothing"] += 1
        for told in emitted or []:
            assert problem(told.data) is None
            require_same(told)
            json.dumps(told.data, ensure_ascii=False).encode()

    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {MUTATIONS:,} mutations, {dict(sorted(seen.items()))}\n")
    assert seen["emitted"] > MUTATIONS / 20
    assert seen["refused"] > MUTATIONS / 50


# These tell the event's own time where the payload has none.
@pytest.mark.parametrize("name", sorted({*TRANSFORMERS} - {*BY_EVENT_TIME}))
def test_the_same_input_is_the_same_event_byte_for_byte_whenever_it_is_sent(name: str) -> None:
    call = called(name)
    for example in examples(name):
        sent_again = example | {"id": "another", "time": "2026-12-31T00:00:00Z"}
        first, again = (call(copy.deepcopy(event)) for event in (example, sent_again))

        assert [to_structured(each) for each in first or []] == [
            to_structured(each) for each in again or []
        ]
