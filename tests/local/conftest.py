"""The whole stack on ports of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from dora.tools.signatures import hex_digest
from local.events import wait_until_quiet
from local.processes import free_port
from local.stack import DATABASE, Settings, Stack
from tests.conftest import FAST, open_folder
from tests.local.story import CATALOG
from tests.tables import EMPTY
from tests.waiting import PATIENCE_SECONDS

SECRET = "s3cret"  # noqa: S105 - of these tests only
# Whoever else sends a webhook finds no secret set.
SENDERS = ("GITHUB", "GITLAB", "GENERIC", "HARBOR", "ARGOCD", "PAGERDUTY")
PORTS = ("broker_port", "metrics_port", "webhooks_port", "postgres_port")


@dataclass
class RunningStack:
    """A stack with what a test asks of it."""

    stack: Stack

    def send(self, event: dict[str, Any] | str) -> requests.Response:
        """Send an event in structured mode to the Broker."""
        headers = {"content-type": "application/cloudevents+json"}
        body = {"data": event} if isinstance(event, str) else {"json": event}
        return requests.post(
            self.stack.broker_url, headers=headers, timeout=PATIENCE_SECONDS, **body
        )

    def deliver(self, path: str, payload: Any, **headers: str) -> requests.Response:
        """Send a webhook to the webhooks endpoint, signed or with the token as every tool does."""
        body = json.dumps(payload).encode()
        digest = hex_digest(SECRET, body)
        shown = {
            "X-Hub-Signature-256": f"sha256={digest}",
            "X-PagerDuty-Signature": f"v1={digest}",
            "X-Gitlab-Token": SECRET,
            "Authorization": f"Bearer {SECRET}",
            "content-type": "application/json",
        }
        named = shown | {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.stack.settings.webhooks_port}{path}"
        return requests.post(url, body, headers=named, timeout=PATIENCE_SECONDS)

    def settle(self) -> None:
        """Wait until nothing is under way any more."""
        wait_until_quiet(self.stack.settings.broker_port, PATIENCE_SECONDS)

    def rows(self, sql: str) -> list[list[Any]]:
        """Run SQL as the superuser."""
        return self.stack.postgresql.run(DATABASE, sql)

    def ask(self, path: str) -> Any:
        """Ask the metrics endpoint."""
        return requests.get(self.stack.metrics_url + path, timeout=PATIENCE_SECONDS).json()


@pytest.fixture(scope="session")
def started_stack(data_folder: Path) -> Iterator[RunningStack]:
    """A stack that all tests of this folder share; all but a few tools may send webhooks to it."""
    ports = {name: free_port() for name in PORTS}
    settings = Settings(**ports, data=open_folder(data_folder) / "stack", demo=False)
    settings.data.mkdir()
    settings.catalog.write_text(CATALOG)
    with pytest.MonkeyPatch.context() as patch:
        for source in SENDERS:
            patch.setenv(f"WEBHOOK_{source}_SECRETS", SECRET)
        stack = Stack(settings, tell=lambda _line: None, database_settings=FAST)
        with stack.running():
            yield RunningStack(stack)


@pytest.fixture
def running(started_stack: RunningStack) -> RunningStack:
    """A stack in which nothing has happened yet."""
    started_stack.settle()
    started_stack.rows(EMPTY)
    return started_stack
