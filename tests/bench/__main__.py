"""`make bench`: measure the whole system on this machine and show one table.

Environment: DORA_BENCH_SCALE (1), for example 0.01 for a quick look.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.arrivals import measure_arrivals
from tests.bench.bench import Bench
from tests.bench.following import measure_following
from tests.bench.queries import measure_queries
from tests.bench.sizes import Sizes
from tests.bench.starting import measure_starting
from tests.bench.table import Row, table

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTES = """\
All of it on one machine: load, functions, Broker stand-in and PostgreSQL (fsync on). events/s is rows
in the table by the time from the first send to the last row's commit, or to the end of the last
delivery; 16 connections, events of 4 kB in binary mode, into an empty database; batches one after the
other, with events of 4 kB and CDEvents of 0.6 kB. Latency to a row is from send to commit
(track_commit_timestamp). Everything else is one request at a time, from its first byte to the
answer's last, tables vacuumed and analysed before; behind each deployment there are three changes,
behind every twentieth an incident. What all metrics share is brought up to date with an event by the
first metric that gets it: deployment-frequency, or of an incident change-failure-rate; "all metrics"
is the sum. A start is from the process to /health/readiness answering 200,
median of n, in a database as full as it is then; RSS when it is ready, and after {requests} requests."""


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
        notes = NOTES.format(requests=sizes.requests_before_memory)
        sys.stdout.write(f"\n{bench.machine()}\n\n{table(rows)}\n\n{notes}\n")


def _measure(bench: Bench) -> Iterator[Row]:
    yield from measure_arrivals(bench)
    # Its ticks would run beside what is measured from here on.
    if bench.stack.broker is not None:
        bench.stack.broker.stop()
    yield from measure_following(bench)
    yield from measure_queries(bench)
    yield from measure_starting(bench)


if __name__ == "__main__":
    main()
