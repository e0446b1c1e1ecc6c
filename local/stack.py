"""The whole system on one machine: PostgreSQL, the Broker stand-in, one process a function."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from local.claim import claimed, require_free_ports, stack_of
from local.functions import REPOSITORY, Function, all_functions, function_program, url
from local.postgresql import Postgresql
from local.processes import Program, StackError, answers, clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATABASE = "dora"
BROKER_PATH = "/dora-cloudevents/dora"


@dataclass(frozen=True)
class Settings:
    """Where the stack listens and keeps its data; each is an environment variable."""

    broker_port: int = 8080
    metrics_port: int = 8090
    webhooks_port: int = 8091
    postgres_port: int = 15432
    data: Path = Path(".dora")
    demo: bool = True

    @classmethod
    def read(cls) -> Self:
        """Read them from DORA_BROKER_PORT, DORA_METRICS_PORT, ... DORA_DATA and DORA_DEMO.

        Raises:
            StackError: a value is not allowed.
        """
        ports = {
            field: _port(f"DORA_{field.upper()}", default)
            for field, default in vars(cls()).items()
            if field.endswith("_port")
        }
        demo = os.environ.get("DORA_DEMO", "1")
        if demo not in ("0", "1"):
            raise StackError(f"expected DORA_DEMO to be 0 or 1, got {demo!r}")
        return cls(**ports, data=Path(os.environ.get("DORA_DATA", ".dora")), demo=demo == "1")

    @property
    def catalog(self) -> Path:
        """The file of the catalog: what DORA_CATALOG names, else catalog.yaml among the data."""
        return Path(os.environ.get("DORA_CATALOG") or self.data / "catalog.yaml")

    @property
    def password(self) -> Path:
        """The file with the password of the database's users, which nobody else may read."""
        return self.data / "password"

    @property
    def fixed_ports(self) -> dict[str, int]:
        """The port of each function that people call, by its name."""
        return {"metrics-endpoint": self.metrics_port, "webhooks-endpoint": self.webhooks_port}


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004 - the ports there are
        raise StackError(f"expected {variable} to be a port from 1 to 65535, got {text!r}")
    return int(text)


class Stack:
    """PostgreSQL, the functions and the Broker, started and stopped in that order."""

    def __init__(
        self,
        settings: Settings,
        tell: Callable[[str], None] = print,
        database_settings: dict[str, str] | None = None,
    ) -> None:
        self.settings, self.tell = settings, tell
        self.logs = settings.data.resolve() / "logs"
        self.postgresql = Postgresql.of(settings, database_settings)
        self.functions: dict[str, Program] = {}
        self.broker: Program | None = None

    @property
    def broker_url(self) -> str:
        """Where events are sent to."""
        return f"http://127.0.0.1:{self.settings.broker_port}{BROKER_PATH}"

    @property
    def metrics_url(self) -> str:
        """Where metrics are asked for."""
        return f"http://127.0.0.1:{self.settings.metrics_port}"

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Start everything; stop it when the block ends."""
        with claimed(self.settings):
            try:
                self.start()
                yield self
            finally:
                self.stop()

    def start(self) -> None:
        """Start everything, with a line for each as it becomes ready.

        Raises:
            StackError: a port is taken, or something does not start.
        """
        require_free_ports(self._fixed_ports())
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            self.postgresql.start()
        except StackError:
            require_free_ports(self._fixed_ports())  # taken since, by a start at the same moment
            raise
        self.postgresql.install(DATABASE)
        self._tell_ready("PostgreSQL", f"127.0.0.1:{self.settings.postgres_port}")
        self._start_functions()
        self._start_broker()

    def stop(self) -> None:
        """Stop everything: first what sends, then what receives."""
        for program in (self.broker, *self.functions.values()):
            if program is not None:
                program.signal_stop()
        for program in (self.broker, *self.functions.values()):
            if program is not None:
                program.stop()
        self.postgresql.stop()

    def restart_what_died(self) -> None:
        """Start again what ended by itself, as Kubernetes would."""
        for program in (self.postgresql.program, *self.functions.values(), self.broker):
            if program is not None and program.process is not None and not program.is_running():
                self.tell(f"again  {program.name} had ended; see {program.log}")
                program.start()

    def _tell_ready(self, name: str, address: str) -> None:
        self.tell(f"ready  {name:<31} {address}")

    def _fixed_ports(self) -> dict[str, int]:
        names = {function.name for function in all_functions()}
        wanted = {"POSTGRES": self.settings.postgres_port, "BROKER": self.settings.broker_port}
        for name, port in self.settings.fixed_ports.items():
            if name in names:
                wanted[name.removesuffix("-endpoint").upper()] = port
        return wanted

    def _start_functions(self) -> None:
        for function in all_functions():
            program = self._program(function, {}, self.settings.fixed_ports.get(function.name))
            self.functions[function.name] = program
            program.start()
        for name, program in self.functions.items():
            program.wait_until(partial(answers, f"{url(program)}/health/readiness"))
            self._tell_ready(name, url(program))

    def program(self, name: str, environment: dict[str, str] | None = None) -> Program:
        """Return the program of a function, at a port of its own, with further settings."""
        [function] = [one for one in all_functions() if one.name == name]
        return self._program(function, environment or {}, None)

    def ask_database(self, sql: str) -> list[list[Any]]:
        """Run SQL as the superuser and return its rows."""
        return self.postgresql.run(DATABASE, sql)

    def _program(self, function: Function, more: dict[str, str], port: int | None) -> Program:
        environment = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.settings.postgres_port),
            "PGDATABASE": DATABASE,
            "PGPASSWORD": self.postgresql.password,
            "PGSSLMODE": "disable",
            "K_SINK": self.broker_url,
            "DORA_CATALOG": str(self.settings.catalog.resolve()),
        }
        return function_program(function, environment | more, self.logs, port)

    def _start_broker(self) -> None:
        services = [f"{name}={url(program)}" for name, program in self.functions.items()]
        self.broker = Program(
            "Broker",
            [sys.executable, "-m", "local.serve_broker", str(self.settings.broker_port), *services],
            clean_environment()
            | {"PYTHONPATH": str(REPOSITORY), "DORA_STACK": json.dumps(stack_of(self.settings))},
            self.logs / "broker.log",
        )
        self.broker.start()
        self.broker.wait_until(lambda: answers(f"http://127.0.0.1:{self.settings.broker_port}/"))
        self._tell_ready("Broker", self.broker_url)
