"""What one more event and a tick cost each metric, with more and more history behind it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dora.questions.metrics import METRICS
from local.functions import url
from tests.bench.load import Request, same
from tests.bench.table import Row, latency_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.bench import Bench

# Which metrics' Triggers take the events of which subjects.
FOLLOWERS = {
    "service": list(METRICS),
    "change": ["lead-time-for-changes"],
    "incident": [
        "change-failure-rate",
        "failed-deployment-recovery-time",
        "deployment-rework-rate",
    ],
}
WORDS = {"service": "deployment", "change": "change", "incident": "event of an incident"}
# In the history, so many deployments bring one event of an incident.
DEPLOYMENTS_PER_INCIDENT_EVENT = 10
NEWEST = """
select cd_source, cd_id, cd_type, content::text from cdevents_raw
where cd_subject = :subject order by seq desc limit :count
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
    sizes, more = bench.sizes.histories, DEPLOYMENTS_PER_INCIDENT_EVENT * _count(bench)
    newest = max(sizes) + more
    for size in sizes:
        bench.tell(f"the log grows to {size:,} deployments")
        bench.database.extend_log(size, newest)
        bench.database.follow()
        yield from (_tick(bench, metric, size) for metric in METRICS)
        bench.database.extend_log(size + more, newest)
        for subject, metrics in FOLLOWERS.items():
            yield from (_one_more(bench, subject, metric, size) for metric in metrics)
        if size == min(sizes):
            yield from (_rebuild(bench, metric) for metric in METRICS)
    bench.database.follow()


def metric_url(bench: Bench, metric: str) -> str:
    """Return where the metric's function takes events."""
    return f"{url(bench.stack.functions[metric])}/"


def recorded(bench: Bench, metric: str, subject: str, count: int) -> Sequence[Request]:
    """Make the newest events of the log what the Broker delivers to the metric."""
    return [
        Request(metric_url(bench, metric), _headers(source, event_id, event_type), content)
        for source, event_id, event_type, content in bench.database.run(
            NEWEST, subject=subject, count=count
        )
    ]


def _headers(source: str, event_id: str, event_type: str) -> dict[str, str]:
    return TICK | {
        "ce-source": source,
        "ce-id": event_id,
        "ce-type": event_type,
        "ce-recorded": "true",
    }


def _tick(bench: Bench, metric: str, size: int) -> Row:
    requests = same(Request(metric_url(bench, metric), TICK, "{}"), _count(bench))
    return _timed(bench, f"{metric}: a tick with nothing missed, {size:,} deployments", requests)


def _one_more(bench: Bench, subject: str, metric: str, size: int) -> Row:
    requests = recorded(bench, metric, subject, _count(bench))
    return _timed(bench, f"{metric}: one more {WORDS[subject]}, {size:,} deployments", requests)


def _rebuild(bench: Bench, metric: str) -> Row:
    events, started = bench.database.count("cdevents_raw"), time.monotonic()
    bench.rebuild(metric)
    seconds = time.monotonic() - started
    return Row(f"{metric}: rebuild, its start included", events, events_per_second=events / seconds)


def _count(bench: Bench) -> int:
    return bench.sizes.warm_up_requests + bench.sizes.requests


def _timed(bench: Bench, what: str, requests: Sequence[Request]) -> Row:
    # Each of the function's connections plans a statement once.
    took = bench.load.send(requests).require_success().took
    return latency_row(what, took[bench.sizes.warm_up_requests :])
