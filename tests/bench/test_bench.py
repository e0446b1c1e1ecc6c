from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dora.questions.metrics import METRICS
from local.functions import all_functions
from tests.bench.goals import Goal
from tests.bench.table import HEADINGS
from tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.long

LATENCY = {"n", "p50 ms", "p99 ms"}
TICK, INCIDENT = "a tick with nothing missed", "one more event of an incident"
HISTORIES = (10, 50, 500)  # of a full run's by the scale, 10 at least
FOLLOWED = {metric: [TICK, "one more deployment"] for metric in METRICS} | {
    "deployment-frequency": [TICK, "one more deployment"],
    "lead-time-for-changes": [TICK, "one more deployment", "one more change"],
    "change-failure-rate": [TICK, "one more deployment", INCIDENT],
    "failed-deployment-recovery-time": [TICK, "one more deployment", INCIDENT],
    "deployment-rework-rate": [TICK, "one more deployment", INCIDENT],
}
BESIDE = [
    "rollout to one of 5 targets",
    "report of an incident that has 1",
    "move of a tag that moved 5 times",
    "deployment under that tag",
]
FILTERED = ["", ", one service", ", one team", ", one repository"]
ASKED = {
    **{f"/metrics/{metric}": [*FILTERED, ", by service, compared"] for metric in FOLLOWED},
    "/deploy-frequency/day": ["", ", one service"],
    "/deploy-frequency": [""],
    "/quality": ["", ", one service"],
    **dict.fromkeys(("/summary", "/deployments", "/changes", "/incidents"), FILTERED),
}
KEPT = {"n", "events/s", "p50 ms", "p99 ms", "load %"}
EXPECTED = {
    **{
        f"keeping: {way}, {processes}, {count} at a time": KEPT
        for way in ("cloudevents-endpoint", "bare parliament", "a connection for each event")
        for processes in ("one process", "two processes")
        for count in (16, 64)
    },
    **{
        f"keeping: {rows}-row INSERT without HTTP, {count} connections": {"n", "events/s"}
        for rows in ("single", "multi")
        for count in (16, 64)
    },
    "cloudevents-endpoint → cloudevents_raw": {"n", "events/s"},
    "Broker → cloudevents_raw": {"n", "events/s"},
    "Broker → cloudevents_raw, transformer says 204": {"n", "events/s"},
    "Broker → deployments, the whole chain": {"n", "events/s"},
    "Broker → all five metrics, the whole chain": {"n", "events/s"},
    "batches of 1,000 → cloudevents_raw": {"n", "events/s"},
    "batches of 1,000 → cdevents_raw": {"n", "events/s"},
    "Broker → deployments, 20 events/s": LATENCY,
    **{
        f"{metric}: {what}, {size} deployments": LATENCY
        for metric, whats in FOLLOWED.items()
        for what in whats
        for size in HISTORIES
    },
    **{
        f"all metrics: one more {what}, {size} deployments": LATENCY
        for what in BESIDE
        for size in HISTORIES
    },
    "all metrics: a deployment that is late by 8": LATENCY,
    **{f"{what}: rebuild, its start included": {"n", "events/s"} for what in (*FOLLOWED, "all")},
    **{
        f"GET {path}, 90 days{asked}": LATENCY | {"answer kB"}
        for path, filters in ASKED.items()
        for asked in filters
    },
    "each service's deployments a day, the tutorial's": LATENCY,
    "each service's deployments a day, ours": LATENCY | {"answer kB"},
    "GET the page of all, 90 days": LATENCY | {"answer kB"},
    "GET the page of one service, 90 days": LATENCY | {"answer kB"},
    **{
        f"start of {name}": {"n", "p50 ms", "RSS MB ready", "RSS MB used"}
        for name in (*(each.name for each in all_functions()), "a trivial parliament function")
    },
}


GOALS = 6 + 1 + 1 + 2 * (1 + len(METRICS)) + 1 + 2


def test_a_tiny_run_fills_the_whole_table_and_says_of_each_goal_whether_it_is_met(
    tmp_path: Path,
) -> None:
    environment = os.environ | {"DORA_BENCH_SCALE": "0.0005", "DORA_DATA": str(tmp_path)}

    run = subprocess.run(
        [sys.executable, "-m", "tests.bench"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * PATIENCE_SECONDS,
    )

    assert run.returncode == 0, run.stderr
    machine, rows, goals, _ = run.stdout.strip().split("\n\n")
    assert "cores" in machine
    assert "PostgreSQL" in machine
    assert numbers(rows) == EXPECTED
    ends = [line.rsplit("  ", 1)[1] for line in goals.splitlines()[1:]]
    assert len(ends) == GOALS
    assert set(ends) <= {"met", "missed"}
    told = json.loads((tmp_path / "bench.json").read_text())
    assert told["machine"] == machine
    assert all(each["name"] and each["value"] > 0 and each["unit"] for each in told["figures"])
    names = [each["name"] for each in told["figures"]]
    assert (
        len(names)
        == len(set(names))
        == sum(len(each - {"n"}) for each in EXPECTED.values()) + GOALS
    )
    aimed_at = [each for each in told["figures"] if each["goal"]]
    assert [each["met"] for each in aimed_at] == [end == "met" for end in ends]


@pytest.mark.parametrize(
    ("value", "goal", "figure"),
    [
        (400, {"at_least": 400}, ("≥ 400", True)),
        (399, {"at_least": 400}, ("≥ 400", False)),
        (0.5, {"at_most": 0.5}, ("≤ 0.5", True)),
        (0.6, {"at_most": 0.5}, ("≤ 0.5", False)),
    ],
)
def test_a_goal_is_met_or_missed(
    value: float, goal: dict[str, float], figure: tuple[str, bool]
) -> None:
    made = Goal("a goal", "ms", lambda _: value, **goal).figure({})

    assert (made.goal, made.met) == figure


def numbers(table: str) -> dict[str, set[str]]:
    """Return by each row's name the headings under which it has a number above 0."""
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
