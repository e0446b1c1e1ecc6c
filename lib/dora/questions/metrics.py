"""The metrics that can be asked for: each is described here, and nowhere else in Python.

docs/metrics.md defines what a number means; each comes from `sql/metrics/<metric>/query*.sql`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dora.questions.shapes import COUNT, NUMBER, one_of_each

if TYPE_CHECKING:
    from dora.questions.shapes import Schema

PERCENTILES = one_of_each("Percentiles", p50=NUMBER, p75=NUMBER, p90=NUMBER, p95=NUMBER)


class Metric(NamedTuple):
    """A metric: what it says, the unit of its value, and where its numbers come from.

    Its statement returns `group_name`, `bucket` (null of the whole span), `value`, `count` and any of
    the other parts; what stands beside it returns `group_name` and the rest of the parts.
    """

    says: str
    unit: str
    statement: str
    beside: tuple[str, ...] = ()
    # The value where nothing happened, and the reason where that is null.
    empty_value: float | None = None
    reason: str | None = None
    # What a group has besides value, level, count and buckets.
    parts: dict[str, Schema] = {}  # noqa: RUF012 - nobody changes it


METRICS = {
    "deployment-frequency": Metric(
        says="How often services are deployed.",
        unit="deployments a day",
        statement="metrics/deployment-frequency/query",
        beside=("metrics/deployment-frequency/query_bands",),
        empty_value=0.0,
        parts={
            "frequency": {"enum": ["daily", "weekly", "monthly", "yearly", None]},
            "deployments": COUNT,
            "days_with_deployments": COUNT,
            "weeks_with_deployments": COUNT,
            "months_with_deployments": COUNT,
        },
    ),
    "lead-time-for-changes": Metric(
        says="How long a change takes from its commit to its deployment: the median.",
        unit="seconds",
        statement="metrics/lead-time-for-changes/query",
        beside=("metrics/lead-time-for-changes/query_unlinked",),
        reason="no deployment in this time shipped a known change",
        parts={
            "percentiles": PERCENTILES,
            "commit_to_opened": NUMBER,
            "opened_to_merged": NUMBER,
            "merged_to_deployed": NUMBER,
            "unlinked": COUNT,
            "deployments_count": COUNT,
        },
    ),
    "change-failure-rate": Metric(
        says="Which part of the deployments that are no rollbacks failed.",
        unit="ratio",
        statement="metrics/change-failure-rate/query",
        reason="no deployment in this time that is no rollback",
        parts={"failed": COUNT},
    ),
    "failed-deployment-recovery-time": Metric(
        says="How long a failed deployment takes to be recovered from: the median.",
        unit="seconds",
        statement="metrics/failed-deployment-recovery-time/query",
        beside=("metrics/failed-deployment-recovery-time/query_restore",),
        reason="no failed deployment of this time is recovered",
        parts={
            "percentiles": PERCENTILES,
            "open": COUNT,
            "time_to_restore": NUMBER,
            "open_incidents": COUNT,
        },
    ),
    "deployment-rework-rate": Metric(
        says="Which part of the deployments was unplanned work on what is deployed.",
        unit="ratio",
        statement="metrics/deployment-rework-rate/query",
        reason="no deployment in this time",
        parts={"rework": COUNT},
    ),
}
