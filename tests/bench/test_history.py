from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from dora.rebuilding import metrics
from dora.timeline import catch_up, renew
from tests.bench.database import INDEXES, fill, without_indexes
from tests.bench.history import LOG, ROLLOUTS, TABLES
from tests.conftest import Database

HISTORY = {"name": "service-", "services": 15, "newest": 120, "newest_at": datetime.now(UTC)}


def rows(database: Database) -> dict[str, list[Any]]:
    return {
        table: database.rows(f"select * from {table} order by {table}")
        for table in ["cdevents_raw", *TABLES]
    }


def indexes(database: Database) -> list[Any]:
    return database.rows(INDEXES, tables=["cdevents_raw", *TABLES])


@pytest.fixture
def filled(database: Database) -> Iterator[Database]:
    """A database beside the one that functions use."""
    made = Database(database.server)
    yield made
    made.drop()


def test_what_is_filled_is_what_following_the_same_events_makes(
    database: Database, filled: Database
) -> None:
    for after, until in ((0, 70), (70, 120)):
        with without_indexes(filled.rows):
            fill(filled.rows, HISTORY | {"after": after, "until": until})
        database.rows("drop table if exists rollouts")
        database.rows(ROLLOUTS, **HISTORY, after=after, until=until)
        database.rows(LOG)
    forever = time.monotonic() + 600

    assert catch_up(forever)
    assert all(renew(metric, forever) for metric in metrics())

    made, expected = rows(filled), rows(database)
    assert len(expected["shipped_changes"]) == 3 * 120 - 2 * 15
    assert len(expected["recoveries"]) == 120 / 20
    for table in TABLES:
        assert made[table] == expected[table]
    assert indexes(filled) == indexes(database)
