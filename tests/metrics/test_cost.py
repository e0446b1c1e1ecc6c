"""What an event in order looks at does not grow with the history behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.metrics.log_with_history import KINDS, LONG, Log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.postgresql import Postgresql

SHORT = 60
# A plan may look at a queue's few rows once for each of them; what grows, grows by more.
SOME = 60


@pytest.fixture(scope="module")
def logs(server: Postgresql) -> Iterator[tuple[Log, Log]]:
    """A log with a short history, and one with a long one."""
    made = Log(server, SHORT), Log(server, LONG)
    yield made
    for log in made:
        log.drop()


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_an_event_in_order_looks_at_as_few_rows_behind_a_long_history(
    logs: tuple[Log, Log], kind: str
) -> None:
    make = KINDS[kind]
    short, long = (log.follow(make(range(log.next, log.next + 2))) for log in logs)

    assert short
    assert {table: rows for table, rows in long.items() if rows > short[table] + SOME} == {}
