"""What one more event and a tick cost the metric, with more and more history behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.functions import url
from tests.bench.load import Request, same
from tests.bench.table import Row, latency_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.bench import Bench

METRIC = "deployment-frequency"
NEWEST = """
select cd_source, cd_id, cd_type, content::text from cdevents_raw order by seq desc limit :count
"""
TICK = {
    "ce-specversion": "1.0",
    "ce-id": "tick",
    "ce-source": "/bench",
    "ce-type": "dev.knative.sources.ping",
    "ce-catchup": "true",
    "content-type": "application/json",
}


def measure_following(bench: Bench) -> Iterator[Row]:
    """Measure at each size of the log; the last size is what later measurements find."""
    bench.database.empty()
    for size in bench.sizes.histories:
        bench.tell(f"the log grows to {size:,} events")
        bench.database.extend_log(size, max(bench.sizes.histories))
        bench.database.follow_up_to_now()
        yield _tick(bench, size)
        yield _one_more_event(bench, size)


def metric_url(bench: Bench) -> str:
    """Give where the metric's function takes events."""
    return f"{url(bench.stack.functions[METRIC])}/"


def recorded(bench: Bench, count: int) -> Sequence[Request]:
    """Make the newest events of the log what the Broker delivers to the metric."""
    return [
        Request(metric_url(bench), _headers(source, event_id, event_type), content)
        for source, event_id, event_type, content in bench.database.run(NEWEST, count=count)
    ]


def _headers(source: str, event_id: str, event_type: str) -> dict[str, str]:
    return TICK | {
        "ce-source": source,
        "ce-id": event_id,
        "ce-type": event_type,
        "ce-recorded": "true",
    }


def _tick(bench: Bench, size: int) -> Row:
    requests = same(Request(metric_url(bench), TICK, "{}"), _count(bench))
    return _timed(bench, f"a tick with nothing missed, log of {size:,}", requests)


def _one_more_event(bench: Bench, size: int) -> Row:
    newest = max(bench.sizes.histories)
    bench.database.extend_log(size + _count(bench), newest)
    row = _timed(bench, f"one more event, log of {size:,}", recorded(bench, _count(bench)))
    bench.database.wait_for("deployments", size + _count(bench))
    return row


def _count(bench: Bench) -> int:
    return bench.sizes.warm_up_requests + bench.sizes.requests


def _timed(bench: Bench, what: str, requests: Sequence[Request]) -> Row:
    # Each of the function's connections plans a statement anew for the first five times.
    took = bench.load.send(requests).require_success().took
    return latency_row(what, took[bench.sizes.warm_up_requests :])
