"""Transformers by example: each file in `<function>/inputs` becomes the one in `<function>/outputs`.

An input without an output has to be answered with 204. `pytest --accept` writes the outputs anew;
read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dora.cdevents_schemas import problem
from tests.conftest import Functions

FOLDER = Path(__file__).parent
INPUTS = sorted(FOLDER.glob("*/inputs/**/*.json"))


def _output(file: Path) -> Path:
    return Path(str(file).replace("/inputs/", "/outputs/"))


@pytest.mark.parametrize("file", INPUTS, ids=lambda file: str(file.relative_to(FOLDER)))
def test_an_input_becomes_its_output(
    file: Path, function: Functions, request: pytest.FixtureRequest
) -> None:
    answer = function(file.relative_to(FOLDER).parts[0]).post(json.loads(file.read_text()))
    got = json.loads(answer.data) if answer.status_code == 200 else None

    if request.config.getoption("--accept"):
        _accept(_output(file), got)
    expected = json.loads(_output(file).read_text()) if _output(file).exists() else None
    assert got == expected
    assert got is not None or answer.status_code == 204
    assert got is None or problem(got["data"]) is None


def _accept(file: Path, got: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    if got is not None:
        file.write_text(json.dumps(got, indent=2) + "\n")


def test_every_output_has_its_input() -> None:
    outputs = set(FOLDER.glob("*/outputs/**/*.json"))

    assert outputs <= {_output(file) for file in INPUTS}
