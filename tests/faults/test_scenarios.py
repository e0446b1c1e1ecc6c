"""A handful of the scenarios that `python -m tests.faults --seeds 1000` runs by the hundreds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import open_folder
from tests.faults.scenario import run
from tests.faults.stand import Asked, Stand

pytestmark = pytest.mark.long

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def stand(data_folder: Path) -> Iterator[Stand]:
    """What the faults of all tests here happen to."""
    with Stand.running(open_folder(data_folder)) as started:
        yield started


# Between them: kill -9 of PostgreSQL, a network that is cut, that stalls, that loses answers, a
# database that only reads, that is stopped, and whose disk is full.
@pytest.mark.parametrize("seed", [1, 8, 22])
def test_after_faults_every_event_is_there_once_and_the_numbers_are_right(
    stand: Stand, seed: int
) -> None:
    run(stand, seed)


def test_a_function_that_was_ended_is_there_again_when_all_is_settled(stand: Stand) -> None:
    stand.begin({})
    stand.functions["metrics-endpoint"].kill()
    stand.start("metrics-endpoint")

    stand.settle()

    assert Asked(stand).ask("/deployments")["deployments"] == []
