"""The second computation alone gives every history of tests/data/histories its numbers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.metrics.reference import History, answer, instant, question
from tests.metrics.stories import is_same
from tests.metrics.test_histories import HISTORIES


@pytest.mark.long
def test_the_second_computation_gives_every_history_its_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = {history["name"]: list(differences(history)) for history in HISTORIES}

    right = sum(not found for found in wrong.values())
    with capsys.disabled():
        sys.stdout.write(f"\n{right} of {len(HISTORIES)} histories right, computed again\n")
    assert right == len(HISTORIES), "\n".join(line for found in wrong.values() for line in found)


def differences(told: dict[str, Any]) -> Iterator[str]:
    """Return what is computed otherwise than expected: a line for each field."""
    history, asked = History(told["events"], told.get("catalog", {})), question(told["asked"])
    for metric, fields in told["expect"].items():
        group = answer(metric, history, asked, datetime.now(UTC))
        for field, expected in fields.items():
            got = group[field]
            if isinstance(got, datetime):
                expected = expected and instant(expected)  # noqa: PLW2901 - as a time
            if not is_same(got, expected):
                yield f"{told['name']} {metric} {field}: expected {expected}, got {got}"
