from __future__ import annotations

import os
import subprocess
import sys

from local.functions import all_functions
from tests.bench.table import HEADINGS

LATENCY = {"n", "p50 ms", "p99 ms"}
HISTORIES = (10, 50, 500)  # of a full run's by the scale, 10 at least
EXPECTED = {
    "cloudevents-endpoint → cloudevents_raw": {"n", "events/s"},
    "Broker → cloudevents_raw": {"n", "events/s"},
    "Broker → cloudevents_raw, transformer says 204": {"n", "events/s"},
    "Broker → deployments, the whole chain": {"n", "events/s"},
    "batches of 1,000 → cloudevents_raw": {"n", "events/s"},
    "batches of 1,000 → cdevents_raw": {"n", "events/s"},
    "Broker → deployments, 20 events/s": LATENCY,
    **{f"a tick with nothing missed, log of {size}": LATENCY for size in HISTORIES},
    **{f"one more event, log of {size}": LATENCY for size in HISTORIES},
    "GET /deploy-frequency/day": LATENCY | {"answer kB"},
    "GET /deploy-frequency/day, 90 days": LATENCY | {"answer kB"},
    "GET /deploy-frequency/day, one service": LATENCY | {"answer kB"},
    "GET /deploy-frequency": LATENCY | {"answer kB"},
    **{
        f"start of {function.name}": {"n", "p50 ms", "RSS MB ready", "RSS MB used"}
        for function in all_functions()
    },
}


def test_a_tiny_run_fills_the_whole_table() -> None:
    environment = os.environ | {"DORA_BENCH_SCALE": "0.0005"}

    run = subprocess.run(
        [sys.executable, "-m", "tests.bench"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert run.returncode == 0, run.stderr
    machine, _, lines = run.stdout.strip().split("\n", 2)
    assert "cores" in machine
    assert "PostgreSQL" in machine
    assert numbers(lines.split("\n\n")[0]) == EXPECTED


def numbers(table: str) -> dict[str, set[str]]:
    """Give by each row's name the headings under which it has a number above 0."""
    heading, *rows = table.splitlines()
    ends = [heading.index(name) + len(name) for name in HEADINGS]
    found = {}
    for row in rows:
        name = row[: row.index("  ")]
        cells = {
            column: row[max(start, len(name)) : end].strip()
            for column, start, end in zip(HEADINGS[1:], ends, ends[1:], strict=False)
        }
        found[name] = {column for column, cell in cells.items() if cell and float(cell) > 0}
    return found
