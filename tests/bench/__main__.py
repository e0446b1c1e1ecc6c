"""`make bench`: measure the whole system on this machine, show one table, and what is aimed at.

Each number by its name is in `.dora/bench.json` then (DORA_DATA: another folder). Environment:
DORA_BENCH_SCALE (1), for example 0.01 for a quick look; the goals are for all of it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from local.stack import Settings
from tests.bench.arrivals import measure_arrivals
from tests.bench.bench import Bench
from tests.bench.following import measure_following
from tests.bench.goals import goals, goals_table, write
from tests.bench.keeping import measure_keeping
from tests.bench.queries import measure_queries
from tests.bench.sizes import Sizes
from tests.bench.starting import measure_starting
from tests.bench.table import Row, table
from tests.bench.tutorial import measure_tutorial

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTES = """\
All of it on one machine: load, functions, Broker stand-in and PostgreSQL (fsync on). What keeps events is
measured in rounds, one way after the other, each with the median of its rounds; load % is what the load
generator took of a core meanwhile, which the others had not. A way that others have: parliament on waitress
that answers 204 and keeps nothing; the same with an INSERT over a connection of its own for each event; and
the database alone. The rest: events/s is rows
in the table by the time from the first send to the last row's commit, or to the end of the last
delivery; 16 connections, events of 4 kB in binary mode, into an empty database; batches one after the
other, with events of 4 kB and CDEvents of 0.6 kB. Latency to a row is from send to commit
(track_commit_timestamp). Everything else is one request at a time, from its first byte to the
answer's last, tables vacuumed and analysed before; behind each deployment there are three changes,
behind every twentieth an incident. What all metrics share is brought up to date with an event by the
first metric that gets it: deployment-frequency, or of an incident change-failure-rate; "all metrics"
is the sum. A start is from the process to /health/readiness answering 200,
median of n, in a database as full as it is then; RSS when it is ready, and after {requests} requests. The
tutorial's question is asked last, of a year of deployments and nothing else."""


def main() -> None:
    """Measure everything, then print the table."""
    try:
        sizes = Sizes.read()
    except ValueError as error:
        sys.exit(str(error))
    with (
        tempfile.TemporaryDirectory(prefix="dora-bench-") as folder,
        Bench.running(Path(folder), sizes) as bench,
    ):
        rows = []
        for row in _measure(bench):
            rows.append(row)
            bench.tell(str(row))
        machine, figures = bench.machine(), goals({row.what: row for row in rows})
        write(Settings.read().data / "bench.json", machine, sizes.scale, rows)
        notes = NOTES.format(requests=sizes.requests_before_memory)
        sys.stdout.write(f"\n{machine}\n\n{table(rows)}\n\n{goals_table(figures)}\n\n{notes}\n")


def _measure(bench: Bench) -> Iterator[Row]:
    yield from measure_keeping(bench)
    yield from measure_arrivals(bench)
    # Its ticks would run beside what is measured from here on.
    if bench.stack.broker is not None:
        bench.stack.broker.stop()
    yield from measure_following(bench)
    yield from measure_queries(bench)
    yield from measure_starting(bench)
    yield from measure_tutorial(bench)


if __name__ == "__main__":
    main()
