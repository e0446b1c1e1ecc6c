"""What transformers emit, against the official schemas of the newest release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dora.cdevents.schemas import CUSTOM_PREFIX, problem
from dora.cdevents.types import SPEC_VERSION
from dora.tools.older_cdevents import renewed
from tests.cdevents.conftest import REASON, SPEC
from tests.cdevents.test_schemas import official_validators

NEWEST = SPEC / f"v{SPEC_VERSION}"
OUTPUTS = sorted((Path(__file__).parents[1] / "functions").glob("*/outputs/*.json"))
pytestmark = pytest.mark.skipif(not NEWEST.exists(), reason=REASON)


def test_every_emitted_cdevent_is_valid_by_the_official_schemas() -> None:
    validators = official_validators(NEWEST)

    for file in OUTPUTS:
        data = json.loads(file.read_text())["data"]
        kind = data["context"]["type"]
        name = "custom" if kind.startswith(CUSTOM_PREFIX) else kind
        assert validators[name].is_valid(data), file

    assert len(OUTPUTS) > 100


def test_an_official_example_of_any_release_becomes_a_valid_one_of_the_newest(
    example: dict[str, Any],
) -> None:
    validators = official_validators(NEWEST)

    event = renewed(example)

    assert problem(event) is None
    assert (validators.get(event["context"]["type"]) or validators["custom"]).is_valid(event)
    assert renewed(event) == event
    assert (event["context"]["id"], event["subject"]["id"]) == (
        example["context"]["id"],
        example["subject"]["id"],
    )
