"""Whatever is asked of the metrics endpoint, it answers as its own description says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from local.functions import function_program, url
from local.processes import answers, clean_environment
from tests.conftest import FUNCTIONS, Database
from tests.metrics.conftest import History, happened
from tests.metrics.happenings import DAY, START, deployed, incident, merged
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.long

__all__ = ["happened"]
# Yesterday, for most generated questions leave the span of time at the last 90 days.
THEN = (datetime.now(UTC) - START) / timedelta(minutes=1) - DAY
EVENTS = [
    merged("a1", THEN, ("a1", THEN - 60), opened=THEN - 30),
    deployed("d1", THEN + 10, commit="a1", team="storefront", repository="acme/shop"),
    deployed("d2", THEN + 20, service="cart", environment="staging"),
    deployed("d3", THEN + 30),
    incident("detected", THEN + 40),
    incident("resolved", THEN + 50),
    deployed("d4", THEN + 60, kind="rolledback"),
]
OPTIONS = [
    *("--phases", "coverage,fuzzing", "--max-examples", "10", "--continue-on-failure"),
    *("--generation-deterministic", "--suppress-health-check", "too_slow", "--no-color"),
    *("--request-timeout", str(PATIENCE_SECONDS)),
    # It knows no reason for a refusal; ours does: tests/functions/schemathesis_checks.py.
    *("--exclude-checks", "positive_data_acceptance"),
]


@pytest.fixture
def endpoint(database: Database, happened: History, tmp_path: Path) -> Iterator[str]:
    """The address of the endpoint's process; something has happened in its database."""
    happened(EVENTS)
    program = function_program(FUNCTIONS["metrics-endpoint"], database.environment, tmp_path)
    program.start()
    program.wait_until(lambda: answers(f"{url(program)}/metrics"))
    yield url(program)
    program.stop()


def test_every_generated_request_is_answered_as_described(endpoint: str, tmp_path: Path) -> None:
    checks = {"SCHEMATHESIS_HOOKS": "tests.functions.schemathesis_checks"}
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            "run",
            f"{endpoint}/openapi.json",
            *OPTIONS,
        ],
        cwd=tmp_path,
        env=clean_environment() | checks | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        check=False,
        text=True,
    )

    assert done.returncode == 0, done.stdout
