from __future__ import annotations

from typing import Any

from dora.database import run
from dora.rebuilding import ALL, rebuild
from tests.bench.history import LOG, TABLES
from tests.conftest import Database

DEPLOYMENTS, SERVICES = 200, 25


def rows(database: Database) -> dict[str, list[Any]]:
    return {table: database.rows(f"select * from {table} order by 1, 2, 3") for table in TABLES}


def test_the_tables_are_filled_with_what_the_metrics_make_of_the_history(
    database: Database,
) -> None:
    database.rows(LOG, after=0, until=DEPLOYMENTS, newest=DEPLOYMENTS, services=SERVICES)
    for fill in TABLES.values():
        database.rows(fill)
    filled = rows(database)

    rebuild(ALL)

    assert len(filled["shipped_changes"]) == 3 * DEPLOYMENTS - 2 * SERVICES
    assert len(filled["recoveries"]) == DEPLOYMENTS / 20
    assert rows(database) == filled
    assert run("metrics/read_newest") == [[2 * DEPLOYMENTS + 2 * DEPLOYMENTS // 20]]
