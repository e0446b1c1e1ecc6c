"""What people wait for: the metrics endpoint, with the whole history behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from dora.questions.metrics import METRICS
from tests.bench.load import Request, same
from tests.bench.table import Row, latency_row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.bench import Bench

DAYS = 90
FILTERS = {
    "": "",
    ", one service": "service=service-0",
    ", one team": "team=team-0",
    ", one repository": "repository=https://github.com/acme/service-0",
}
PATHS = {
    **{f"/metrics/{metric}": FILTERS for metric in METRICS},
    "/deploy-frequency/day": {name: FILTERS[name] for name in ("", ", one service")},
    "/deploy-frequency": {"": ""},
    "/summary": FILTERS,
    "/quality": {name: FILTERS[name] for name in ("", ", one service")},
    **dict.fromkeys(("/deployments", "/changes", "/incidents"), FILTERS),
}
GROUPED = {
    f"/metrics/{metric}": {", by service, compared": "group_by=service&compare=previous"}
    for metric in METRICS
}
# What browsers see, as people open them: with 90 days up to now.
PAGES = {"the page of all": "/", "the page of one service": "/?service=service-0"}
ONE_SERVICE = "/deploy-frequency/day?service=service-0"


def asked(path: str, which: str = "") -> str:
    """Return what the row of a question is called."""
    return f"GET {path}, {DAYS} days{which}"


def measure_queries(bench: Bench) -> Iterator[Row]:
    """Measure each query of 90 days, one after the other."""
    end = datetime.now(UTC).date() + timedelta(days=1)
    span = f"from={end - timedelta(days=DAYS)}&to={end}"
    for path, filters in (*PATHS.items(), *GROUPED.items()):
        for name, by in filters.items():
            yield _query(bench, asked(path, name), f"{path}?{span}&{by}")
    for name, path in PAGES.items():
        yield _query(bench, asked(name), path, {"accept": "text/html"})


def _query(bench: Bench, what: str, path: str, headers: dict[str, str] | None = None) -> Row:
    requests = same(Request(bench.stack.metrics_url + path, headers or {}), bench.sizes.queries)
    answers = bench.load.send(requests).require_success()
    return latency_row(what, answers.took, answers.sizes[-1])
