"""Freeze the schema of a release with rows in every table: `python -m tests.schemas.freeze 0.1.0`.

Run in a checkout of the release, in which the files of `sql/` are its own. The rows are what the
project's functions make of a few events, sent to the whole stack. The chart is packed by `helm`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from local.postgresql import PROGRAMS, schema_files
from local.processes import clean_environment, free_port
from local.stack import DATABASE, Settings, Stack
from scripts.copy_chart import FILES, copy_manifests
from tests.events import RECORDED, carried, cdevent, cloudevent
from tests.local.conftest import PORTS, SECRET, SENDERS, RunningStack
from tests.local.story import CATALOG, CloudEvent, sent

if TYPE_CHECKING:
    from collections.abc import Iterator

RELEASES = Path(__file__).parents[1] / "data" / "schemas"
TICK = cloudevent(type="dev.knative.sources.ping", catchup="true")
# Of the recorded rollouts those of one Deployment are enough.
ROLLOUTS = 12
# What no tool of the story sends: a deployment that an incident names, two accounts of one event, of
# which the later comes first, an event of an older kind, and one that is refused.
OTHERS = [
    carried(cdevent(id="named", source="/cart", subject="cart", time="2026-03-04T09:00:00Z")),
    carried(
        cdevent(
            "incident.detected",
            id="names",
            subject="4711",
            time="2026-03-04T09:10:00Z",
            content={"environment": {"id": "production"}, "service": {"id": "cart"}},
            custom={"deployment": "named"},
        )
    ),
    carried(cdevent(id="twice", source="/cart", subject="cart", time="2026-03-05T09:00:00Z")),
    carried(cdevent(id="twice", source="/cart", subject="cart", time="2026-03-05T08:00:00Z")),
    carried(
        cdevent(
            id="staged",
            subject="cart",
            content={"environment": {"id": "staging"}, "artifactId": "pkg:oci/cart?tag=1"},
            custom={"repository": "https://github.com/acme/cart", "team": "checkout"},
        )
    ),
    cloudevent(type="dev.cdevents.service.exploded.0.1.0", id="refused"),
    cloudevent(id="of no tool"),
]


def main() -> None:
    """Write schema.sql and rows.sql of a release."""
    folder = RELEASES / sys.argv[1]
    folder.mkdir(parents=True)
    (folder / "schema.sql").write_text("".join(file.read_text() for file in schema_files()))
    with _stack() as running:
        _send_all(running)
        (folder / "rows.sql").write_text(_rows(running))
    copy_manifests(FILES)
    with tempfile.TemporaryDirectory() as made:
        pack = ["helm", "package", str(FILES.parent), "--destination", made]
        subprocess.run(pack, check=True)
        [packed] = Path(made).iterdir()
        shutil.move(packed, folder / "chart.tgz")


@contextmanager
def _stack() -> Iterator[RunningStack]:
    os.environ |= {f"WEBHOOK_{source}_SECRETS": SECRET for source in SENDERS}
    ports = {name: free_port() for name in PORTS}
    with tempfile.TemporaryDirectory() as data:
        Path(data).chmod(0o755)
        settings = Settings(**ports, data=Path(data) / "stack", demo=False)
        settings.data.mkdir()
        settings.catalog.write_text(CATALOG)
        with Stack(settings).running() as stack:
            yield RunningStack(stack)


def _send_all(running: RunningStack) -> None:
    for one in sent():
        if isinstance(one, CloudEvent):
            running.send({**one.attributes, "data": one.data})
        else:
            running.deliver(one.path, one.payload, **one.headers)
        running.settle()
    for event in [*RECORDED[:ROLLOUTS], *OTHERS, TICK]:
        running.send(event)
        running.settle()
    environment = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(running.stack.settings.postgres_port),
        "PGDATABASE": DATABASE,
        "K_SINK": running.stack.broker_url,
    }
    replay = [sys.executable, "-m", "dora.replay", "--from", "2026-03-04"]
    subprocess.run(replay, env=clean_environment() | environment, check=True)
    running.settle()


def _rows(running: RunningStack) -> str:
    """Return the rows of all tables, as statements that any connection can run."""
    port = str(running.stack.settings.postgres_port)
    command = [str(PROGRAMS / "pg_dump"), "-h", "127.0.0.1", "-p", port, "-U", "postgres", DATABASE]
    options = ["--data-only", "--column-inserts", "--schema=public"]
    dumped = subprocess.run([*command, *options], capture_output=True, check=True, text=True).stdout
    # The rest are settings of a session, and commands of psql.
    return "".join(
        re.findall(
            r"^(?:INSERT .*?;|SELECT pg_catalog[.]setval.*?;)\n", dumped, re.MULTILINE | re.DOTALL
        )
    )


if __name__ == "__main__":
    main()
