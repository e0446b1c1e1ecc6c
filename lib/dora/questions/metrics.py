"""The metrics that can be asked for: each is described here, and nowhere else in Python.

docs/metrics.md defines what a number means; each comes from `sql/metrics/<metric>/query*.sql`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dora.questions.shapes import COUNT, MAYBE_TEXT, NUMBER, one_of_each

if TYPE_CHECKING:
    from dora.questions.shapes import Schema

PERCENTILES = one_of_each("Percentiles", p50=NUMBER, p75=NUMBER, p90=NUMBER, p95=NUMBER)
UNATTRIBUTED = "endpoints/metrics/query_unattributed"


class Metric(NamedTuple):
    """A metric: what it says, the unit of its value, and where its numbers come from.

    Its statement returns `group_name`, `bucket` (null of the whole span), `count`, `value` (unless it
    is per day) and any of the other parts; what stands beside it returns `group_name` and the rest of
    the parts. docs/metrics.md has the rules that are named by their numbers.
    """

    says: str
    unit: str
    statement: str
    beside: tuple[str, ...] = ()
    # Whether its value is the count per covered day (20); else the value where nothing happened, and
    # the reason where that is null.
    is_per_day: bool = False
    empty_value: float | None = None
    reason: str | None = None
    # What a value rests on, of which a level takes some (22), and the kinds of evidence without which
    # there is no value (19).
    counted: str = "deployments"
    evidence: tuple[str, ...] = ()
    # Parts, each with the count of which it must not be more than half for a level (28).
    doubts: tuple[tuple[str, str], ...] = ()
    # What a group has besides value, level, count and buckets; `word` is the level's name for it (21).
    parts: dict[str, Schema] = {}  # noqa: RUF012 - nobody changes it
    word: str | None = None


METRICS = {
    "deployment-frequency": Metric(
        says="How often services are deployed.",
        unit="deployments a day",
        statement="metrics/deployment-frequency/query",
        is_per_day=True,
        parts={"frequency": MAYBE_TEXT},
        word="frequency",
    ),
    "lead-time-for-changes": Metric(
        says="How long a change takes from its commit to its deployment: the median.",
        unit="seconds",
        statement="metrics/lead-time-for-changes/query",
        beside=("metrics/lead-time-for-changes/query_deployed",),
        reason="no deployment in this time shipped a known change",
        counted="changes",
        doubts=(
            ("unlinked", "deployments_count"),
            ("gaps", "count"),
            ("contradictions", "count"),
            ("incomplete_pushes", "count"),
        ),
        parts={
            "percentiles": PERCENTILES,
            "commit_to_opened": NUMBER,
            "opened_to_merged": NUMBER,
            "merged_to_deployed": NUMBER,
            "bots_count": COUNT,
            "bots_value": NUMBER,
            "unlinked": COUNT,
            "deployments_count": COUNT,
            "gaps": COUNT,
            "contradictions": COUNT,
            "incomplete_pushes": COUNT,
        },
    ),
    "change-failure-rate": Metric(
        says="Which part of the deployments that are no rollbacks failed.",
        unit="ratio",
        statement="metrics/change-failure-rate/query",
        beside=(UNATTRIBUTED,),
        reason="no deployment in this time that is no rollback",
        evidence=("incidents", "rollbacks"),
        parts={"failed": COUNT, "unattributed": COUNT},
    ),
    "failed-deployment-recovery-time": Metric(
        says="How long a failed deployment takes to be recovered from: the median.",
        unit="seconds",
        statement="metrics/failed-deployment-recovery-time/query",
        beside=("metrics/failed-deployment-recovery-time/query_restore", UNATTRIBUTED),
        reason="no failed deployment of this time is recovered",
        counted="recoveries",
        evidence=("incidents", "rollbacks"),
        parts={
            "percentiles": PERCENTILES,
            "open": COUNT,
            "time_to_restore": NUMBER,
            "open_incidents": COUNT,
            "unattributed": COUNT,
        },
    ),
    "deployment-rework-rate": Metric(
        says="Which part of the deployments was unplanned work on what is deployed.",
        unit="ratio",
        statement="metrics/deployment-rework-rate/query",
        beside=(UNATTRIBUTED,),
        reason="no deployment in this time",
        evidence=("incidents", "rollbacks", "unplanned"),
        parts={"rework": COUNT, "unattributed": COUNT},
    ),
}
