"""What faults happen to: PostgreSQL, the functions that record and count, and the Broker stand-in.

All of them are processes of this machine. Between each two of them is a line that can be cut.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import requests
import yaml
from pg8000.exceptions import DatabaseError, InterfaceError

from local.events import send_tick, wait_until_quiet
from local.functions import REPOSITORY, all_functions, function_program, url
from local.postgresql import Postgresql
from local.processes import Program, StackError, answers, clean_environment, free_port
from local.stack import BROKER_PATH, DATABASE
from tests.faults.network import Line, Network
from tests.metrics.conftest import METRICS
from tests.metrics.test_agreement import Installation
from tests.tables import EMPTY, FORGET_CATALOG
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.metrics.happenings import Event

NAMES = ("cdevents-endpoint", "dead-letters-endpoint", "metrics-endpoint", *METRICS)
MOST_CONNECTIONS = 60
# Fast, but what was committed is there after kill -9.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": str(MOST_CONNECTIONS),
    "restart_after_crash": "on",
}
SMALL_DISK_BYTES = 300_000_000
# What is behind the log, and what is not as it should be when nothing is under way.
UNDONE = {
    "events of the log that are not applied": """
        select count(*) from cdevents_raw as event
        where event.seq > coalesce((
            select seq from processed_events where consumer = 'timeline'
        ), 0)""",
    "deployments that a metric has to look at": "select count(*) from stale_deployments",
    "a catalog that is not applied": """
        select count(*) from catalog_state where version > applied_version""",
}
WAITING = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
and (state like 'idle in transaction%' or wait_event_type = 'Lock')
"""
END_BACKENDS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""


class Stand:
    """All that runs; what a fault ended is started again by it."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.folder, self.network = folder, network
        self.postgresql = Postgresql(folder / "postgresql", free_port(), SETTINGS)
        self.small_disk = self._small_disk()
        self.catalog = folder / "catalog.yaml"
        self.functions: dict[str, Program] = {}
        self.to_functions: dict[str, Line] = {}
        self.broker_port = free_port()

    @classmethod
    @contextmanager
    def running(cls, folder: Path) -> Iterator[Self]:
        """Start everything; stop it when the block ends."""
        with Network() as network:
            stand = cls(folder, network)
            try:
                stand._start()
                yield stand
            finally:
                stand._stop()

    @property
    def broker_url(self) -> str:
        """Where events are sent to."""
        return f"http://127.0.0.1:{self.broker_port}{BROKER_PATH}"

    def gate(self) -> str:
        """Return where CDEvents are recorded without the Broker."""
        return f"http://127.0.0.1:{self.to_functions['cdevents-endpoint'].port}/"

    def rows(self, sql: str, **parameters: Any) -> list[list[Any]]:
        """Run SQL as the superuser, at once or when the database is there again."""
        found: list[list[list[Any]]] = []

        def has_run() -> bool:
            with suppress(DatabaseError, InterfaceError, OSError):
                found.append(self.postgresql.run(DATABASE, sql, **parameters))
            return bool(found)

        wait_until(has_run)
        return found[0]

    def start(self, name: str, **environment: str) -> None:
        """Start a function that ended; it is ready a little later."""
        program = self.functions[name]
        program.environment = {**self._environment(name), **environment}
        program.start()

    def restart_postgresql(self) -> None:
        """Start PostgreSQL after its end, as soon as what is left of it lets that be."""

        def is_started() -> bool:
            try:
                self.postgresql.start()
            except StackError:
                return False
            return True

        wait_until(is_started)

    def begin(self, catalog: dict[str, Any]) -> None:
        """Forget all that happened; the functions connect anew."""
        self.wait_until_ready()
        self.catalog.write_text(yaml.safe_dump(catalog))
        self.rows(f"{EMPTY}")
        if self.rows(FORGET_CATALOG):
            self.rows("select fill_catalog()")
        self.rows(END_BACKENDS)

    def wait_until_ready(self) -> None:
        """Wait until all functions are."""
        for program in self.functions.values():
            wait_until(partial(answers, f"{url(program)}/health/readiness"))

    def settle(self) -> None:
        """Tick until everything is computed, nobody waits for anybody, and who was ended is there again.

        Raises:
            AssertionError: something does not end.
        """
        self.wait_until_ready()
        left: dict[str, Any] = {}

        def is_done() -> bool:
            wait_until_quiet(self.broker_port, PATIENCE_SECONDS)
            send_tick(self.broker_url)
            wait_until_quiet(self.broker_port, PATIENCE_SECONDS)
            left.update({name: self.rows(sql)[0][0] for name, sql in UNDONE.items()})
            return not any(left.values())

        try:
            wait_until(is_done)
            wait_until(lambda: self.rows(WAITING) == [[0]])
        except (AssertionError, TimeoutError) as error:
            error.add_note(f"left: {left}")
            raise

    def _start(self) -> None:
        self.postgresql.start()
        if self.small_disk:
            self.postgresql.run("postgres", f"create tablespace small location '{self.small_disk}'")
            self.postgresql.run("postgres", f"create database {DATABASE} tablespace small")
        self.postgresql.install(DATABASE)
        self.to_database = self.network.line(self.postgresql.port)
        for name in NAMES:
            self._make(name)
            self.functions[name].start()
        self.wait_until_ready()
        services = [f"{name}=http://127.0.0.1:{to.port}" for name, to in self.to_functions.items()]
        self.broker = Program(
            "Broker",
            [sys.executable, "-m", "local.serve_broker", str(self.broker_port), *services],
            clean_environment() | {"PYTHONPATH": str(REPOSITORY)},
            self.folder / "broker.log",
        )
        self.broker.start()
        self.broker.wait_until(lambda: answers(f"http://127.0.0.1:{self.broker_port}/"))

    def _make(self, name: str) -> None:
        [function] = [one for one in all_functions() if one.name == name]
        made = function_program(function, {}, self.folder)
        self.functions[name] = made
        self.to_functions[name] = self.network.line(int(made.environment["PORT"]))
        made.environment = self._environment(name)

    def _environment(self, name: str) -> dict[str, str]:
        return self.functions[name].environment | {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.to_database.port),
            "PGDATABASE": DATABASE,
            "PGSSLMODE": "disable",
            "DORA_CATALOG": str(self.catalog),
            "LD_PRELOAD": "",
        }

    def _stop(self) -> None:
        programs = [*self.functions.values()]
        if "broker" in vars(self):
            programs.insert(0, self.broker)
        for program in programs:
            program.signal_stop()
        for program in programs:
            program.stop()
        self.postgresql.stop()
        if self.small_disk:
            subprocess.run(["umount", str(self.small_disk)], check=False)  # noqa: S607 - the system's

    def _small_disk(self) -> Path | None:
        """Return a file system that is soon full, for PostgreSQL; None where nobody lets us mount one."""
        disk = self.folder / "small-disk"
        disk.mkdir()
        options = f"size={SMALL_DISK_BYTES},mode=700"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
        try:
            is_there = not subprocess.run(command, capture_output=True, check=False).returncode
        except OSError:
            is_there = False
        if is_there and self.postgresql.user:
            shutil.chown(disk, self.postgresql.user)
        return disk if is_there else None


class Asked(Installation):
    """The metrics endpoint of a stand, to compare its answers with the second computation."""

    def __init__(self, stand: Stand) -> None:
        self.url = url(stand.functions["metrics-endpoint"])

    def ask(self, path: str, **asked: Any) -> Any:
        answered = requests.get(self.url + path, asked, timeout=PATIENCE_SECONDS)
        assert answered.status_code == 200, answered.text
        found = json.loads(answered.content)
        assert not found["rebuilding"]
        return found


def keys(events: list[Event]) -> set[tuple[str, str]]:
    """Return what events are called."""
    return {(event["context"]["source"], event["context"]["id"]) for event in events}
