"""Databases of releases, with their rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dora import database as dora_database
from local.postgresql import Postgresql
from tests.conftest import Database
from tests.schemas.freeze import RELEASES

EMPTY = """do $$ begin execute (
    select 'truncate ' || string_agg(relname, ', ') from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace
); end $$"""


@pytest.fixture(params=sorted(folder for folder in RELEASES.iterdir() if folder.is_dir()))
def release(request: pytest.FixtureRequest) -> Path:
    """The folder of each release."""
    folder: Path = request.param
    return folder


@pytest.fixture
def old(server: Postgresql, release: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of a release, which functions called in this test use."""
    made = Database(server, template="template0")
    made.use(monkeypatch)
    made.rows((release / "schema.sql").read_text())
    # What the schema and its triggers wrote is among the rows.
    made.rows(EMPTY)
    made.rows("set session_replication_role = replica")
    made.rows((release / "rows.sql").read_text())
    made.rows("reset session_replication_role")
    yield made
    dora_database.close()
    made.drop()
