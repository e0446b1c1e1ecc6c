"""A real database and real functions for every test."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from werkzeug.test import Client, TestResponse
from xdist.scheduler import LoadFileScheduling

from dora import serve
from local.functions import all_functions
from local.postgresql import Postgresql
from local.processes import free_port
from tests import connections, in_memory
from tests.tables import EMPTY, FORGET_CATALOG

# What makes a database fast and unsafe, for a server that lives as long as the tests.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",  # it lies in memory
}
TEMPLATE = "dora_template"
# Of a connection that was just closed the process is left for a moment, for which PostgreSQL would wait
# in steps of a tenth of a second.
LEAVE = """do $$ begin
perform pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}';
while exists (select from pg_stat_activity where datname = '{name}') loop
    perform pg_sleep(0.001);
    perform pg_stat_clear_snapshot();
end loop; end $$"""
SHARE_A_STACK = ("tests/local/", "tests/docs/")
FUNCTIONS = {function.name: function for function in all_functions()}

# No example fails of a busy machine; a database that examples share is emptied by each of them.
settings.register_profile(
    "at any speed",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("at any speed")


@pytest.fixture(scope="session", autouse=True)
def _what_tests_start_is_not_deaf() -> None:
    """Let programs be interrupted and hung up also where the tests run in the background or by nohup.

    A program inherits which signals are ignored, but no handler: it starts with the default.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    """A folder for databases, which run as another user where the tests are root's.

    It is none of pytest's: a second run of pytest closes all of those to other users.
    """
    with in_memory.folder() as folder:
        yield folder


def open_folder(parent: Path) -> Path:
    """Make a folder there that others may enter, too."""
    made = Path(tempfile.mkdtemp(dir=parent))
    made.chmod(0o755)
    return made


@pytest.fixture(scope="session")
def server(data_folder: Path) -> Iterator[Postgresql]:
    """A PostgreSQL with the project's tables and views in a template."""
    started = Postgresql(data_folder / "server", free_port(), FAST)
    started.start()
    started.install(TEMPLATE)
    yield started
    started.stop()


class Database:
    """A fresh database, with the project's tables and views where the template has them."""

    def __init__(self, server: Postgresql, template: str = TEMPLATE) -> None:
        self.server, self.name = server, f"test_{uuid4().hex}"
        server.run(
            "postgres", f"create database {self.name} template {template} strategy file_copy"
        )
        self.connection = server.connect(self.name)

    @property
    def environment(self) -> dict[str, str]:
        """What a function needs to find it."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.server.port),
            "PGDATABASE": self.name,
            "PGSSLMODE": "disable",
        }

    def use(self, patch: pytest.MonkeyPatch) -> None:
        """Let functions called in this process use it."""
        for name in [name for name in os.environ if name.startswith("PG")]:
            patch.delenv(name)
        for name, value in self.environment.items():
            patch.setenv(name, value)

    def rows(self, sql: str, **parameters: Any) -> list[list[Any]]:
        """Run SQL as the superuser."""
        return self.connection.run(sql, **parameters) or []

    def empty(self) -> None:
        """Forget all that happened, and the catalog."""
        self.rows(EMPTY)
        if self.rows(FORGET_CATALOG):
            self.rows("select fill_catalog()")
            connections.forget()  # they know what was loaded

    def drop(self) -> None:
        self.connection.close()
        with closing(self.server.connect()) as session:
            session.run(LEAVE.format(name=self.name))
            session.run(f"drop database {self.name} with (force)")


@pytest.fixture
def database(server: Postgresql, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of this test's own, which functions called in this test use."""
    made = Database(server)
    made.use(monkeypatch)
    with connections.kept():
        yield made
    made.drop()


class FunctionClient:
    """A function behind its real server module, called without a socket, as its own role."""

    def __init__(self, name: str) -> None:
        self.environment = FUNCTIONS[name].environment
        with self._deployed():
            self.client = Client(serve.create(load(FUNCTIONS[name].folder)))

    def post(
        self, event: dict[str, Any] | bytes | str, path: str = "/", **headers: str
    ) -> TestResponse:
        """Send a CloudEvent in structured mode, or any body with any headers."""
        if isinstance(event, dict):
            headers = {"content_type": "application/cloudevents+json", **headers}
            event = json.dumps(event)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with self._deployed():
            return self.client.post(path, data=event, headers=named)

    def get(self, path: str, accept: str = "*/*", **parameters: Any) -> TestResponse:
        """Ask for a path."""
        with self._deployed():
            headers = {"accept": accept}
            return self.client.get(path, query_string=parameters or None, headers=headers)

    @contextmanager
    def _deployed(self) -> Iterator[None]:
        connections.change(self.environment.get("PGUSER"))
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield


@cache
def load(folder: Path) -> ModuleType:
    """Load a function by its path, for parliament's own loader knows only one per process."""
    name = f"func_of_{folder.name.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, folder / "func.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def nobody() -> Iterator[str]:
    """An address at which nobody listens, nor can anybody begin to."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


Functions = Callable[[str], FunctionClient]


@pytest.fixture(scope="session")
def function() -> Functions:
    """Return a function by its name."""
    return cache(FunctionClient)


@pytest.fixture
def catalog(function: Functions, tmp_path: Path) -> Iterator[Path]:
    """The file that the metrics read as their catalog at the next event or tick; in its own folder."""
    file = tmp_path / "catalog" / "catalog.yaml"
    file.parent.mkdir()
    with catalog_of(function, file):
        yield file


@contextmanager
def catalog_of(function: Functions, file: Path) -> Iterator[None]:
    """Let a file be the catalog of all functions that read one, until the block ends."""
    with pytest.MonkeyPatch.context() as patch:
        for name, each in FUNCTIONS.items():
            if "DORA_CATALOG" in each.environment:
                patch.setitem(function(name).environment, "DORA_CATALOG", str(file))
        yield


class ByFile(LoadFileScheduling):  # type: ignore[misc] # of no types
    """Each file goes to one of the parallel processes, and a folder that shares a stack as a whole.

    To start a second stack takes longer than what is shared out evenly saves.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((folder for folder in SHARE_A_STACK if file.startswith(folder)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    """Share out files so, where files are what is shared out."""
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what was collected, which stays, out of what is looked through for garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Look for garbage after each file: what one leaves open fails there, and not some other test."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our options."""
    parser.addoption("--accept", action="store_true", help="write the golden outputs anew")
