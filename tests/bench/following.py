"""What one more event and a tick cost each metric, with more and more history behind it."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from dora.questions.metrics import METRICS
from dora.rebuilding import ALL
from local.functions import url
from tests.bench import events
from tests.bench.history import SERVICES
from tests.bench.load import Request, same
from tests.bench.table import Row, latency_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.bench.bench import Bench
    from tests.bench.database import Recorded
    from tests.bench.events import Event

FAILURES = ["change-failure-rate", "failed-deployment-recovery-time", "deployment-rework-rate"]
# How many there are of each, when one more is measured.
ROLLOUTS_TO_TARGETS, REPORTS, MOVES, LATE_BY = 2_000, 2_000, 10_000, 15_000
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
    newest, more = max(bench.sizes.histories), More(bench)
    for size in bench.sizes.histories:
        bench.tell(f"the log grows to {size:,} deployments")
        bench.database.extend(size, newest, tell=bench.tell)
        if size == min(bench.sizes.histories):
            bench.tell("what is unusual comes beside it")
            more.prepare()
            yield from (_rebuild(bench, what) for what in (*METRICS, ALL))
        yield from (_tick(bench, metric, size) for metric in METRICS)
        yield from more.measure(f"{size:,} deployments")
    yield more.measure_late()


class More:
    """Events that come after the history, of each kind in their order."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._counts: Counter[str] = Counter()

    def prepare(self) -> None:
        """Let there be a service with five targets, an incident with many reports, a moved tag."""
        self._record(events.rollouts_to_targets, self._scaled(ROLLOUTS_TO_TARGETS))
        self._record(events.reports, self._scaled(REPORTS))
        self._record(events.moves_with_deployments, self._scaled(MOVES))
        self._counts["moves"] = self._scaled(MOVES)
        while not self._bench.database.is_followed():
            _send_ticks(self._bench)

    def measure(self, behind: str) -> Iterator[Row]:
        """Measure one more event of each kind, with the history that is behind it."""
        yield from self._each(events.changes, "change", ["lead-time-for-changes"], behind)
        yield from self._each(events.deployments, "deployment", list(METRICS), behind)
        yield from self._each(events.incidents, "event of an incident", FAILURES, behind)
        reports, moves = self._scaled(REPORTS), self._scaled(MOVES)
        for make, what, metrics in (
            (events.rollouts_to_targets, f"rollout to one of {events.TARGETS} targets", METRICS),
            (events.reports, f"report of an incident that has {reports:,}", FAILURES),
            (events.moves, f"move of a tag that moved {moves:,} times", ["lead-time-for-changes"]),
            (events.deployments_of_moved, "deployment under that tag", METRICS),
        ):
            took = self._deliver(make, list(metrics))
            whole = [sum(each) for each in zip(*took.values(), strict=True)]
            yield latency_row(f"all metrics: one more {what}, {behind}", whole)

    def measure_late(self) -> Row:
        """Measure one deployment that comes before very many of its service."""
        count = self._scaled(LATE_BY)
        self._bench.database.extend(count, count, "late-", 1)
        late = self._bench.database.record_late("late-0")
        took = self._send([late], list(METRICS))
        return latency_row(
            f"all metrics: a deployment that is late by {count:,}",
            [sum(seconds[0] for seconds in took.values())],
        )

    def _each(
        self, make: Callable[..., Iterator[Event]], what: str, metrics: Sequence[str], behind: str
    ) -> Iterator[Row]:
        for metric, took in self._deliver(make, metrics, services=SERVICES).items():
            yield latency_row(f"{metric}: one more {what}, {behind}", took)

    def _deliver(
        self, make: Callable[..., Iterator[Event]], metrics: Sequence[str], **how: int
    ) -> dict[str, list[float]]:
        # One at a time: the metric that gets an event applies with it what else waits in the log.
        each = [
            self._send(self._record(make, 1, **how), metrics) for _ in range(_count(self._bench))
        ]
        # Each of a function's connections plans a statement once.
        measured = each[self._bench.sizes.warm_up_requests :]
        return {metric: [took[metric][0] for took in measured] for metric in metrics}

    def _send(self, recorded: Sequence[Recorded], metrics: Sequence[str]) -> dict[str, list[float]]:
        """Deliver each event to the metrics, one after the other; the first one applies it."""
        requests = [
            Request(metric_url(self._bench, metric), _headers(*each), "{}")
            for each in recorded
            for metric in metrics
        ]
        took = self._bench.load.send(requests).require_success().took
        return {metric: took[place :: len(metrics)] for place, metric in enumerate(metrics)}

    def _record(
        self, make: Callable[..., Iterator[Event]], count: int, **how: int
    ) -> list[Recorded]:
        first = self._counts[make.__name__]
        self._counts[make.__name__] += count
        return self._bench.database.record(make(range(first, first + count), **how))

    def _scaled(self, number: int) -> int:
        return max(1, round(number * self._bench.sizes.scale))


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
    took = bench.load.send(requests).require_success().took[bench.sizes.warm_up_requests :]
    return latency_row(f"{metric}: a tick with nothing missed, {size:,} deployments", took)


def _send_ticks(bench: Bench) -> None:
    ticks = [Request(metric_url(bench, metric), TICK, "{}") for metric in METRICS]
    bench.load.send(ticks).require_success()


def _rebuild(bench: Bench, what: str) -> Row:
    count, started = bench.database.count("cdevents_raw"), time.monotonic()
    bench.rebuild(what)
    seconds = time.monotonic() - started
    return Row(f"{what}: rebuild, its start included", count, events_per_second=count / seconds)


def _count(bench: Bench) -> int:
    return bench.sizes.warm_up_requests + bench.sizes.requests
