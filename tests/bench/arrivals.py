"""How many events a second arrive as rows, and how long one takes.

A row's time of arrival is the commit time that PostgreSQL keeps of its transaction.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from local.events import wait_until_quiet
from local.functions import url
from tests.bench.table import Row, latency_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.bench import Bench
    from tests.bench.load import Request

CHAIN = "Broker → all five metrics, the whole chain"
SENDERS = 16
QUIET_SECONDS = 600
TRICKLE_PER_SECOND = 20


def measure_arrivals(bench: Bench) -> Iterator[Row]:
    """Measure all ways that an event can go, fast and then slowly."""
    broker, endpoint = (
        bench.stack.broker_url,
        f"{url(bench.stack.functions['cloudevents-endpoint'])}/",
    )
    kept, rollouts = bench.sizes.kept_events, bench.sizes.rollouts
    requests = bench.rollouts.of_another_kind(endpoint, kept)
    yield _throughput(bench, "cloudevents-endpoint → cloudevents_raw", requests, "cloudevents_raw")
    requests = bench.rollouts.of_another_kind(broker, kept)
    yield _throughput(bench, "Broker → cloudevents_raw", requests, "cloudevents_raw")
    requests = bench.rollouts.unfinished(broker, kept)
    yield _throughput(
        bench, "Broker → cloudevents_raw, transformer says 204", requests, "cloudevents_raw"
    )
    requests = bench.rollouts.finished(broker, rollouts, "rollout")
    yield _throughput(bench, "Broker → deployments, the whole chain", requests, "deployments")
    yield _until_quiet(bench, CHAIN, rollouts)
    yield from _batches(bench, endpoint)
    yield _trickle(bench)


def _batches(bench: Bench, endpoint: str) -> Iterator[Row]:
    count = bench.sizes.kept_events
    requests = bench.rollouts.kept_batches(endpoint, count)
    yield _throughput(
        bench, "batches of 1,000 → cloudevents_raw", requests, "cloudevents_raw", count
    )
    gate = f"{url(bench.stack.functions['cdevents-endpoint'])}/"
    requests = bench.rollouts.cdevent_batches(gate, count)
    yield _throughput(bench, "batches of 1,000 → cdevents_raw", requests, "cdevents_raw", count)


def _throughput(
    bench: Bench, what: str, requests: Sequence[Request], table: str, batched: int | None = None
) -> Row:
    """Send the requests, batches one after the other, until each event is a row."""
    _begin(bench)
    count, senders = (batched, 1) if batched else (len(requests), SENDERS)
    answers = bench.load.send(requests, senders).require_success()
    bench.database.wait_for(table, count)
    first, last = min(answers.sent), max(bench.database.commits(table, "1"))
    return Row(what, count, events_per_second=count / (last - first))


def _until_quiet(bench: Bench, what: str, count: int) -> Row:
    """Send rollouts until nothing of them is under way any more, in any metric."""
    _begin(bench)
    requests = bench.rollouts.finished(bench.stack.broker_url, count, "every")
    first = min(bench.load.send(requests, SENDERS).require_success().sent)
    _wait_until_quiet(bench)
    return Row(what, count, events_per_second=count / (time.time() - first))


def _begin(bench: Bench) -> None:
    # Of the events before, other deliveries may still be under way than those that were counted.
    _wait_until_quiet(bench)
    bench.database.empty()


def _wait_until_quiet(bench: Bench) -> None:
    wait_until_quiet(bench.stack.settings.broker_port, QUIET_SECONDS)


def _trickle(bench: Bench) -> Row:
    _begin(bench)
    requests = bench.rollouts.finished(
        bench.stack.broker_url, bench.sizes.trickle_events, "trickle", revisions=1
    )
    answers = bench.load.send(requests, SENDERS, TRICKLE_PER_SECOND).require_success()
    bench.database.wait_for("deployments", len(requests))
    commits = bench.database.commits("deployments", "deploy_name")
    seconds = [arrived - sent for sent, arrived in zip(answers.sent, commits, strict=True)]
    return latency_row(f"Broker → deployments, {TRICKLE_PER_SECOND} events/s", seconds)
