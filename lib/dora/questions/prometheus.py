"""The metrics and the state of what they are made of, as Prometheus scrapes it.

https://prometheus.io/docs/instrumenting/exposition_formats/ and
https://prometheus.io/docs/practices/naming/: base units at the end of names; what is unknown is
absent. There are at most MOST_PLACES places and MOST_SOURCES sources, so the series are bounded.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dora.database import one, run_named, snapshot
from dora.questions.facts import Facts
from dora.questions.groups import Groups
from dora.questions.metrics import METRICS
from dora.questions.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

    from dora.questions.question import Question

MEDIA_TYPES = ("text/plain", "application/openmetrics-text")
MOST_PLACES, MOST_SOURCES = 1000, 100
# Each metric's series, whose name ends with its unit.
SERIES = {
    "deployment-frequency": "dora_deployment_frequency_per_day",
    "lead-time-for-changes": "dora_lead_time_for_changes_seconds",
    "change-failure-rate": "dora_change_failure_rate_ratio",
    "failed-deployment-recovery-time": "dora_failed_deployment_recovery_time_seconds",
    "deployment-rework-rate": "dora_deployment_rework_rate_ratio",
}
OUTCOMES = ("kept", "unknown", "cdevent", "refused")
OUTCOME = (
    "kept is what a source sent, unknown a shape of which nothing became, cdevent what was added to "
    "the log, refused what a function would not take."
)


class _Collector(NamedTuple):
    """What is collected when it is scraped: once."""

    families: list[Metric]

    def collect(self) -> Iterator[Metric]:
        yield from self.families


def exposition(question: Question, accept: str) -> tuple[bytes, str]:
    """Return what Prometheus scrapes, and its content type: text or OpenMetrics, as it accepts."""
    # Only who is scraped needs it, and it takes as long to import as all else.
    from prometheus_client.exposition import choose_encoder  # noqa: PLC0415

    with snapshot():
        families = [*_metrics(question), *_sources(), *_states()]
    encode, content_type = choose_encoder(accept)
    return encode(_Collector(families)), content_type


def _metrics(question: Question) -> Iterator[Metric]:
    """Yield each metric of the last 90 days by service and environment, where it is known."""
    from prometheus_client.metrics_core import GaugeMetricFamily  # noqa: PLC0415

    whole = replace(question, bucket="all", group_by="place")
    selection = replace(Selection.of(whole), values_only=True)
    groups = Groups.of_all(selection, Facts.read(selection))
    deployed = groups["deployment-frequency"]
    names = sorted(
        (name for name in deployed.names if name), key=lambda name: -deployed.value(name)[1]
    )
    for metric, found in groups.items():
        says = f"{METRICS[metric].says} Of production, in the last 90 days."
        family = GaugeMetricFamily(SERIES[metric], says, labels=["service", "environment"])
        for name in names[:MOST_PLACES]:
            if (value := found.value(name)[0]) is not None:
                family.add_metric(_place(name), value)
        yield family
    yield GaugeMetricFamily(
        "dora_places_left_out",
        f"Services in environments beyond the {MOST_PLACES} that are deployed most.",
        value=max(0, len(names) - MOST_PLACES),
    )


def _place(name: str) -> tuple[str, str]:
    """Return service and environment of a group: the length of the first stands before both."""
    length, _, names = name.partition(" ")
    return names[: int(length)], names[int(length) :]


def _sources() -> Iterator[Metric]:
    """Yield what came from each source, and when the last of it did."""
    from prometheus_client.metrics_core import (  # noqa: PLC0415
        CounterMetricFamily,
        GaugeMetricFamily,
    )

    says = f"Events of a source, by what became of them: {OUTCOME}"
    events = CounterMetricFamily("dora_events", says, labels=["source", "outcome"])
    ages = GaugeMetricFamily(
        "dora_last_event_age_seconds", "How long ago the last event came.", labels=["source"]
    )
    for row in run_named("endpoints/metrics/count_arrivals", {"most": MOST_SOURCES}):
        ages.add_metric([row["source"]], row["age_seconds"])
        for outcome in OUTCOMES:
            events.add_metric([row["source"], outcome], row[outcome])
    yield from (events, ages)


def _states() -> Iterator[Metric]:
    """Yield how far behind metrics are, and how many dead letters are open."""
    from prometheus_client.metrics_core import GaugeMetricFamily  # noqa: PLC0415

    lag = GaugeMetricFamily(
        "dora_metric_lag_seconds",
        "Since when the oldest event waits that a metric lacks.",
        labels=["metric"],
    )
    waiting = GaugeMetricFamily(
        "dora_metric_waiting_deployments",
        "Deployments that a metric has to look at again, to 10,000.",
        labels=["metric"],
    )
    for row in run_named("endpoints/metrics/quality_lag", {"metrics": list(METRICS)}):
        lag.add_metric([row["metric"]], row["lag_seconds"])
        waiting.add_metric([row["metric"]], row["waiting"])
    open_letters = one("endpoints/metrics/quality_open_letters")
    yield from (lag, waiting)
    yield GaugeMetricFamily("dora_dead_letters_open", "Dead letters to see to.", value=open_letters)
