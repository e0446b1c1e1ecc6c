"""`make demo-remove`: `dora forget` of the demo, and nothing else, whether the stack runs or not."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dora import catalog as dora_catalog
from dora import database
from dora.commands.forget import forget
from dora.rebuilding import ALL, rebuild
from local.claim import claimed
from local.demo import catalog
from local.postgresql import SUPERUSER, Postgresql
from local.processes import StackError, is_listening
from local.stack import DATABASE, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = Path(__file__).with_name("events.sql").read_text()


def main() -> int:
    """Forget it; return the exit status."""
    try:
        settings = Settings.read()
        with _running(settings) as postgresql:
            forgotten = remove(settings, postgresql)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"forgot {forgotten:,} events of the demo; `DORA_DEMO=0 make run` starts without it")
    return 0


def remove(settings: Settings, postgresql: Postgresql) -> int:
    """Forget the demo, compute everything anew, and return how many of its CDEvents there were."""
    keys = [(source, event_id) for source, event_id in postgresql.run(DATABASE, EVENTS)]
    catalog.remove(settings)
    os.environ |= {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(settings.postgres_port),
        "PGDATABASE": DATABASE,
        "PGSSLMODE": "disable",
        "PGUSER": SUPERUSER,
        "PGPASSWORD": postgresql.password,
        "DORA_CATALOG": str(settings.catalog.resolve()),
    }
    try:
        database.wait_up_to(None)
        forgotten = forget(keys, refuse=False)
        dora_catalog.refresh()
        rebuild(ALL, restart=True)
    finally:
        database.close()
    return forgotten


@contextmanager
def _running(settings: Settings) -> Iterator[Postgresql]:
    """Return the stack's database, started for as long as this takes where the stack does not run."""
    if not (settings.data / "postgresql").is_dir():
        raise StackError(f"expected data of `make run` in {settings.data}, there is none")
    postgresql = Postgresql.of(settings)
    if is_listening(settings.postgres_port):
        yield postgresql
        return
    with claimed(settings):
        try:
            postgresql.start()
            yield postgresql
        finally:
            postgresql.stop()


if __name__ == "__main__":
    sys.exit(main())
