"""Each function under the memory that it is deployed with, with the largest that it takes, in all its threads."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from dora.events import STRUCTURED
from local.processes import Program, answers, clean_environment, free_port
from tests.conftest import FUNCTIONS, Database
from tests.metrics.conftest import BATCH
from tests.sink import Sink, sink
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.functions import Function

    Send = Callable[[], requests.Response]

pytestmark = pytest.mark.long

__all__ = ["sink"]
UNITS = {"Mi": 1024 * 1024, "Gi": 1024**3}
MEGABYTE = 1024 * 1024
ROOM = MEGABYTE - 500
# Of the stack of each thread, which is hardly used, and of what else is only reserved.
STACK, RESERVED = 8 * MEGABYTE, 32 * MEGABYTE
SHAPES = {
    "lists": "[" + ",".join(["[]"] * (ROOM // 3)) + "]",
    "objects": "[" + ",".join(['{"a":1}'] * (ROOM // 8)) + "]",
    "numbers": "[" + ",".join(["1.5"] * (ROOM // 4)) + "]",
    "deep": "[" * (ROOM // 2) + "]" * (ROOM // 2),
    "keys": "{" + ",".join(f'"{number:x}":0' for number in range(ROOM // 9)) + "}",
    "texts": "[" + ",".join(['"abcdefghijklmnopqrstuvwx"'] * (ROOM // 27)) + "]",
}
EVENT = {
    "specversion": "1.0",
    "source": "/tests",
    "type": "odd",
    "datacontenttype": "application/json",
}
SECRET = "not-a-secret"  # noqa: S105 - as it says
WIDE = """
insert into {table} select '/tests', 'd' || number, 'service-' || number % 1000,
    timestamptz '2026-01-01' + number * interval '1 minute', 'production', null, 'deployed'
from generate_series(1, 20000) as number
"""
NAMED = """
insert into named_services (service_name, cd_source, environment_name, first_named_at)
select 'service-' || number, '/tests', 'production', '2023-01-01'
from generate_series(0, 999) as number
"""


class Running:
    """A function's process that may use as much memory as its func.yaml says."""

    def __init__(self, function: Function, log: Path, environment: dict[str, str]) -> None:
        limit = function.definition["deploy"]["options"]["resources"]["limits"]["memory"]
        self.limit = int(limit[:-2]) * UNITS[limit[-2:]]
        self.threads = int(function.environment.get("THREADS", "4"))
        port = free_port()
        data = (self.limit + RESERVED + self.threads * STACK) // 1024
        command = f"ulimit -d {data}; exec {sys.executable} -m dora.serve {function.folder}"
        settings = function.environment | {"PORT": str(port), "ADDRESS": "127.0.0.1"} | environment
        self.program = Program(
            function.name, ["/bin/sh", "-c", command], clean_environment() | settings, log
        )
        self.url = f"http://127.0.0.1:{port}"

    def start(self) -> None:
        self.program.start()
        self.program.wait_until(lambda: answers(f"{self.url}/health/liveness"))

    def log(self) -> str:
        """Return the end of what it logged."""
        return self.program.log.read_text()[-3000:]

    def require_memory(self) -> None:
        """Check that it had less memory at any time than its limit."""
        assert self.program.process
        status = Path(f"/proc/{self.program.process.pid}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
        peak = int(line.split()[1]) * 1024
        assert peak < self.limit


@pytest.fixture
def started(tmp_path: Path, database: Database) -> Iterator[Callable[..., Running]]:
    """Start a function; it is ended after the test."""
    running: list[Running] = []

    def start(name: str, **environment: str) -> Running:
        made = Running(FUNCTIONS[name], tmp_path / "log", database.environment | environment)
        running.append(made)
        made.start()
        return made

    yield start
    for one in running:
        one.program.kill()


def _in_all_threads(running: Running, send: Send) -> list[requests.Response]:
    with ThreadPoolExecutor(running.threads) as pool:
        asked = [pool.submit(send) for _ in range(running.threads)]
        return [one.result() for one in asked]


def _post(url: str, body: str | bytes, **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(url, data=body, headers=named, timeout=4 * PATIENCE_SECONDS)


@pytest.mark.parametrize("name", [name for name, each in FUNCTIONS.items() if each.takes_events])
def test_odd_json_fits_in_the_memory_of_each_function(
    name: str, started: Callable[..., Running], sink: Sink
) -> None:
    assert sink
    running = started(name)
    head = json.dumps(EVENT)[:-1]

    codes = set()
    for shape, data in SHAPES.items():
        event = f'{head}, "id": "{shape}", "data": {data}}}'
        sent = _in_all_threads(running, partial(_post, running.url, event, content_type=STRUCTURED))
        codes |= {answer.status_code for answer in sent}

    assert codes <= {200, 204, 400, 413, 422}
    running.require_memory()


@pytest.mark.parametrize("name", ["cloudevents-endpoint", "cdevents-endpoint"])
def test_the_largest_batches_fit_in_memory(name: str, started: Callable[..., Running]) -> None:
    running = started(name)
    batches = {
        "of texts": [
            EVENT | {"id": str(number), "data": ["abcdefghij" * 3] * 220} for number in range(1000)
        ],
        "of one": [EVENT | {"id": "1", "data": "x" * (8 * MEGABYTE - 300)}],
    }
    odd = "[" + ",".join(["{}"] * (8 * MEGABYTE // 3 - 10)) + "]"

    for body in (*map(json.dumps, batches.values()), odd):
        assert len(body) <= 8 * MEGABYTE
        sent = _in_all_threads(running, partial(_post, running.url, body, content_type=BATCH))
        assert {answer.status_code for answer in sent} <= {200, 400, 413}, running.log()

    running.require_memory()


def test_the_largest_pushes_fit_in_memory(started: Callable[..., Running], sink: Sink) -> None:
    running = started("webhooks-endpoint", WEBHOOK_GITHUB_SECRETS=SECRET, K_SINK=sink.url)
    commit = {"id": "a" * 40, "message": "x" * 900, "added": ["some/path/of/a/file.py"] * 60}
    pushes = {
        202: json.dumps({"ref": "refs/heads/main", "commits": [commit] * 2048}),
        400: '{"commits":[' + ",".join(["{}"] * 1_740_000) + "]}",
    }

    for status, body in pushes.items():
        assert 4 * MEGABYTE < len(body) < 5 * MEGABYTE
        signature = "sha256=" + hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).hexdigest()
        sent = _in_all_threads(
            running,
            partial(
                _post,
                f"{running.url}/github",
                body,
                x_hub_signature_256=signature,
                x_github_event="push",
                x_github_delivery="1",
            ),
        )
        assert [answer.status_code for answer in sent] == [status] * running.threads, sent[0].text
        unsigned = _in_all_threads(running, partial(_post, f"{running.url}/github", body))
        assert {answer.status_code for answer in unsigned} <= {400, 401}

    running.require_memory()


WIDEST = {
    "/summary?from=2023-01-01": 200,
    "/metrics/deployment-frequency?bucket=all&group_by=service&from=1900-01-01&to=2999-12-31": 200,
    "/metrics/lead-time-for-changes?bucket=month&group_by=service&from=2023-01-01": 200,
    "/deploy-frequency?from=2000-01-01&to=2999-12-31": 200,
    "/deploy-frequency/day": 200,
    "/deployments?limit=1000&from=2025-01-01": 200,
    "/deployments?format=csv&from=2025-01-01": 200,
    "/metrics/deployment-frequency?bucket=day&group_by=service&from=2023-12-01": 400,
    "/overview?from=2023-12-01": 200,
}


def test_the_widest_questions_fit_in_memory_and_others_are_answered_meanwhile(
    started: Callable[..., Running], database: Database
) -> None:
    database.rows(WIDE.format(table="deployments"))
    database.rows(NAMED)
    database.rows(
        "insert into deployed_environments (service_id, environment_id, tier)"
        " select service_name, environment_name, 'production' from named_services"
    )
    database.rows("analyze")
    running = started("metrics-endpoint")

    for path, status in WIDEST.items():
        sent = _in_all_threads(
            running, partial(requests.get, running.url + path, timeout=4 * PATIENCE_SECONDS)
        )
        assert [answer.status_code for answer in sent] == [status] * running.threads, (
            path,
            sent[0].text[:300],
        )

    running.require_memory()
