"""What people wait for: the metrics endpoint, with the whole history behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.bench.load import Request, same
from tests.bench.table import Row, latency_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.bench import Bench

ONE_SERVICE = "/deploy-frequency/day?service=service-7"


def measure_queries(bench: Bench) -> Iterator[Row]:
    """Measure each query, one after the other."""
    today = datetime.now(UTC).date()
    span = f"from={today - timedelta(days=90)}&to={today}"
    many, few = bench.sizes.queries, bench.sizes.heavy_queries
    yield _query(bench, "/deploy-frequency/day", "/deploy-frequency/day", few)
    yield _query(bench, "/deploy-frequency/day, 90 days", f"/deploy-frequency/day?{span}", many)
    yield _query(bench, "/deploy-frequency/day, one service", ONE_SERVICE, many)
    yield _query(bench, "/deploy-frequency", "/deploy-frequency", many)


def _query(bench: Bench, what: str, path: str, times: int) -> Row:
    requests = same(Request(bench.stack.metrics_url + path, {}), times)
    answers = bench.load.send(requests).require_success()
    return latency_row(f"GET {what}", answers.took, answers.sizes[-1])
