"""The tutorial's one question, of all of a long history: its own statement, and ours beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.bench.load import Request, same
from tests.bench.table import Row, latency_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.bench import Bench

THEIRS, OURS = (f"each service's deployments a day, {who}" for who in ("the tutorial's", "ours"))
TIMES = 3
# As many as one answer of ours may have rows for: a year of a hundred services.
SERVICES, DAYS = 100, 365
DEPLOYMENTS = """
insert into deployments (
    deploy_source, deploy_id, deploy_name, time_created, environment_id, predicate
)
select
    '/bench', number, 'service-' || number % :services::integer,
    '2025-01-01T00:00Z'::timestamptz
    + (number - 1) * (:days::integer * interval '1 day' / :count::bigint),
    'production', 'upgraded'
from generate_series(1, :count::bigint) as number
"""
# What the tutorial asks: it goes over the whole table, and counts each id once.
ASKED = """
select
    deploy_name, date_trunc('day', time_created) as day, count(distinct deploy_id)
from deployments
group by deploy_name, day
"""


def measure_tutorial(bench: Bench) -> Iterator[Row]:
    """Measure both over the same table, which has nothing else in it."""
    count = bench.sizes.tutorial_deployments
    bench.tell(f"{count:,} deployments of {SERVICES} services in a year")
    bench.database.empty()
    bench.database.run(DEPLOYMENTS, services=SERVICES, days=DAYS, count=count)
    bench.database.follow()
    yield latency_row(THEIRS, [_took(bench) for _ in range(TIMES)])
    url = f"{bench.stack.metrics_url}/deploy-frequency/day"
    answers = bench.load.send(same(Request(url, {}), TIMES)).require_success()
    yield latency_row(OURS, answers.took, answers.sizes[-1])


def _took(bench: Bench) -> float:
    begun = time.perf_counter()
    bench.database.run(ASKED)
    return time.perf_counter() - begun
