"""A metrics endpoint over HTTP, with a database in which something happened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from dora import database as dora_database
from local.demo.sending import BEHIND
from local.functions import function_program, url
from local.postgresql import Postgresql
from local.processes import answers
from tests.conftest import FUNCTIONS, Database, Functions
from tests.metrics.conftest import BATCH, METRICS, TICK
from tests.waiting import PATIENCE_SECONDS

ENDPOINT = "metrics-endpoint"


@dataclass
class Served:
    """Where pages and answers are."""

    address: str

    def ask(self, path: str, **asked: Any) -> Any:
        """Return an answer as JSON."""
        answer = requests.get(self.address + path, asked, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def served(
    server: Postgresql,
    function: Functions,
    folder: Path,
    events: Iterable[dict[str, Any]],
    catalog: str = "",
) -> Iterator[Served]:
    """Record CDEvents in a database of their own, let the metrics count them, and serve that.

    Args:
        server: where the database is made.
        function: the functions.
        folder: for the catalog and what the endpoint logs.
        events: CloudEvents in JSON format.
        catalog: what catalog.yaml says.
    """
    file = folder / "catalog.yaml"
    file.write_text(catalog)
    database, sent = Database(server), [*events]
    with pytest.MonkeyPatch.context() as patch:
        database.use(patch)
        for name in (ENDPOINT, *METRICS):
            patch.setitem(function(name).environment, "DORA_CATALOG", str(file))
        for begin in range(0, len(sent), 1000):
            _record(function, sent[begin : begin + 1000])
        while database.rows(BEHIND)[0][0]:
            for metric in METRICS:
                assert function(metric).post(TICK).status_code == 204
        dora_database.close()
    program = function_program(FUNCTIONS[ENDPOINT], database.environment, folder)
    program.start()
    try:
        program.wait_until(partial(answers, f"{url(program)}/health/readiness"))
        yield Served(url(program))
    finally:
        program.stop()
        database.drop()


def _record(function: Functions, events: list[dict[str, Any]]) -> None:
    recorded = function("cdevents-endpoint").post(json.dumps(events), content_type=BATCH)
    assert json.loads(recorded.data)["refused"] == []
