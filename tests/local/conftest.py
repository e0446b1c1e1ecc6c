"""The whole stack on ports of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from local.events import wait_until_quiet
from local.processes import free_port
from local.stack import DATABASE, Settings, Stack
from tests.conftest import FAST

TABLES = "cloudevents_raw, cdevents_raw, dead_letters, deployments, processed_events, replays"
PATIENCE_SECONDS = 90


@dataclass
class RunningStack:
    """A stack with what a test asks of it."""

    stack: Stack

    def send(self, event: dict[str, Any] | str) -> requests.Response:
        """Send an event in structured mode to the Broker."""
        headers = {"content-type": "application/cloudevents+json"}
        body = {"data": event} if isinstance(event, str) else {"json": event}
        return requests.post(self.stack.broker_url, headers=headers, timeout=30, **body)

    def settle(self) -> None:
        """Wait until nothing is under way any more."""
        wait_until_quiet(self.stack.settings.broker_port, PATIENCE_SECONDS)

    def rows(self, sql: str) -> list[list[Any]]:
        """Run SQL as the superuser."""
        return self.stack.postgresql.run(DATABASE, sql)

    def ask(self, path: str) -> Any:
        """Ask the metrics endpoint."""
        return requests.get(self.stack.metrics_url + path, timeout=30).json()

    def wait_for(self, condition: Callable[[], Any]) -> None:
        """Wait until it is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, "waited too long"


@pytest.fixture(scope="session")
def started_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack that all tests of this folder share."""
    ports = {name: free_port() for name in ("broker_port", "metrics_port", "postgres_port")}
    settings = Settings(**ports, data=tmp_path_factory.mktemp("stack") / "data", demo=False)
    with Stack(settings, tell=lambda _line: None, database_settings=FAST).running() as stack:
        yield RunningStack(stack)


@pytest.fixture
def running(started_stack: RunningStack) -> RunningStack:
    """A stack in which nothing has happened yet."""
    started_stack.settle()
    started_stack.rows(f"truncate {TABLES}")
    return started_stack
