"""Transformers by example: each file in `<function>/inputs` becomes those in `<function>/outputs`.

An input without an output has to be answered with 204. Of several CDEvents the first has the name of
its input, the next ones are called `<name>.1.json`, `<name>.2.json` and so on. `pytest --accept`
writes the outputs anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dora.cdevents import require_same
from dora.cdevents.schemas import problem
from tests.conftest import Functions
from tests.functions.examples import FOLDER, INPUTS, outputs, transformer
from tests.sink import Sink, as_cloudevent, sink

__all__ = ["sink"]
each_input = pytest.mark.parametrize("file", INPUTS, ids=lambda file: str(file.relative_to(FOLDER)))


def _emitted(file: Path, function: Functions, sink: Sink) -> list[dict[str, Any]]:
    """Return the CDEvents that an example becomes, answered or posted to K_SINK."""
    sink.bodies.clear()
    answer = function(transformer(file)).post(json.loads(file.read_text()))
    assert answer.status_code in (200, 204), answer.text
    bodies = [answer.data] if answer.status_code == 200 else sink.bodies
    return [json.loads(body) for body in bodies]


@each_input
def test_an_input_becomes_its_outputs(
    file: Path, function: Functions, sink: Sink, request: pytest.FixtureRequest
) -> None:
    got = _emitted(file, function, sink)

    if request.config.getoption("--accept"):
        _accept(file, got)
    assert got == [json.loads(output.read_text()) for output in outputs(file)]


@each_input
def test_every_cdevent_is_one_that_the_gate_takes(
    file: Path, function: Functions, sink: Sink
) -> None:
    for event in _emitted(file, function, sink):
        assert problem(event["data"]) is None
        require_same(as_cloudevent(event))


@each_input
def test_telling_it_again_is_the_same_byte_for_byte(
    file: Path, function: Functions, sink: Sink
) -> None:
    first = json.dumps(_emitted(file, function, sink))
    again = json.loads(file.read_text()) | {"id": "another"}

    answer = function(transformer(file)).post(again)
    bodies = [answer.data] if answer.status_code == 200 else sink.bodies[len(json.loads(first)) :]

    assert json.dumps([json.loads(body) for body in bodies]) == first


def _accept(file: Path, got: list[dict[str, Any]]) -> None:
    for output in outputs(file):
        output.unlink()
    for number, event in enumerate(got):
        name = f"{file.stem}.{number}.json" if number else file.name
        output = file.parents[1] / "outputs" / name
        output.parent.mkdir(exist_ok=True)
        output.write_text(json.dumps(event, indent=2) + "\n")


def test_every_output_has_its_input() -> None:
    inputs = {(file.parts[-3], file.stem) for file in INPUTS}

    for output in FOLDER.glob("*/outputs/**/*.json"):
        assert (output.parts[-3], re.sub(r"\.\d+$", "", output.stem)) in inputs
