"""What is measured beside the project's functions: functions of parliament that can be had as packages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from local.processes import Program, clean_environment, free_port

if TYPE_CHECKING:
    from tests.bench.bench import Bench

TABLE = """
create table if not exists peer_events (
    ce_source text not null, ce_id text not null, ce_type text not null, content jsonb not null,
    unique (ce_source, ce_id)
)
"""


def peer(bench: Bench, name: str) -> Program:
    """Return the program of a folder beside this file, at a port of its own."""
    command = [sys.executable, "-m", "tests.bench.peers", str(Path(__file__).parent / name)]
    environment = clean_environment() | _database(bench) | {"PORT": str(free_port())}
    return Program(name, command, environment, bench.stack.logs / f"{name}.log")


def database_of(bench: Bench) -> str:
    """Return how libpq finds the stack's database, as its superuser."""
    names = {"PGHOST": "host", "PGPORT": "port", "PGDATABASE": "dbname"}
    names |= {"PGUSER": "user", "PGPASSWORD": "password", "PGSSLMODE": "sslmode"}
    return " ".join(f"{names[name]}={value}" for name, value in _database(bench).items())


def _database(bench: Bench) -> dict[str, str]:
    settings = bench.stack.functions["cloudevents-endpoint"].environment
    found = {name: value for name, value in settings.items() if name.startswith("PG")}
    # The table of peers is the superuser's.
    return found | {"PGUSER": "postgres"}
