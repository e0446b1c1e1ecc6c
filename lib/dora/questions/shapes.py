"""The shapes of what the metrics endpoint answers, in JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Schema = dict[str, Any]

TEXT = {"type": "string"}
MAYBE_TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": ["boolean", "null"]}
TIME = {"type": "string", "format": "date-time"}
MAYBE_TIME = {"type": ["string", "null"], "format": "date-time"}
LEVEL = {"enum": ["elite", "high", "medium", "low", None]}
NAMES = {"type": "array", "items": TEXT}


def one_of_each(**properties: Schema) -> Schema:
    """Describe an object that has each of the properties."""
    return {"type": "object", "required": list(properties), "properties": properties}


def list_of(items: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": items}


SPAN = {"from": TIME, "to": TIME}
FILTERS = {"type": "object", "additionalProperties": NAMES}
PREVIOUS = one_of_each(**SPAN, value=NUMBER, count=COUNT, change=NUMBER)
PERCENTILES = one_of_each(p50=NUMBER, p75=NUMBER, p90=NUMBER, p95=NUMBER)
BUCKET = one_of_each(time=TIME, value=NUMBER, count=COUNT)
SUMMARY = one_of_each(
    unit=TEXT, value=NUMBER, level=LEVEL, count=COUNT, reason=MAYBE_TEXT, previous=PREVIOUS
)
# What a metric tells beside the value.
BESIDE: dict[str, dict[str, Schema]] = {
    "deployment-frequency": {
        "frequency": {"enum": ["daily", "weekly", "monthly", "yearly", None]},
        "deployments": COUNT,
        "days_with_deployments": COUNT,
        "weeks_with_deployments": COUNT,
        "months_with_deployments": COUNT,
    },
    "lead-time-for-changes": {
        "percentiles": PERCENTILES,
        "commit_to_opened": NUMBER,
        "opened_to_merged": NUMBER,
        "merged_to_deployed": NUMBER,
        "unlinked": COUNT,
        "deployments_count": COUNT,
    },
    "change-failure-rate": {"failed": COUNT},
    "failed-deployment-recovery-time": {
        "percentiles": PERCENTILES,
        "open": COUNT,
        "time_to_restore": NUMBER,
        "open_incidents": COUNT,
    },
    "deployment-rework-rate": {"rework": COUNT},
}
EVIDENCE = {
    "deployments": one_of_each(
        source=TEXT,
        id=TEXT,
        service=TEXT,
        environment=TEXT,
        deployed_at=TIME,
        artifact=MAYBE_TEXT,
        predicate={"enum": ["deployed", "upgraded", "rolledback"]},
        is_rollback=FLAG,
        is_failed=FLAG,
        incidents={
            "type": ["array", "null"],
            "items": one_of_each(source=TEXT, id=TEXT, why=TEXT),
        },
        rolled_back_by=MAYBE_TEXT,
        recovered_at=MAYBE_TIME,
        is_rework=FLAG,
        is_during_incident=FLAG,
        is_unplanned=FLAG,
        repository=MAYBE_TEXT,
        change=MAYBE_TEXT,
        shipped_changes=COUNT,
    ),
    "changes": one_of_each(
        repository=TEXT,
        branch=TEXT,
        sha=TEXT,
        service=TEXT,
        environment=TEXT,
        committed_at=MAYBE_TIME,
        opened_at=MAYBE_TIME,
        merged_at=TIME,
        deployed_at=TIME,
        clock={"enum": ["commit", "opened", "merged"]},
        lead_time_seconds={"type": "number", "minimum": 0},
        deployment_source=TEXT,
        deployment=TEXT,
    ),
    "incidents": one_of_each(
        source=TEXT,
        id=TEXT,
        service=MAYBE_TEXT,
        environment=MAYBE_TEXT,
        detected_at=TIME,
        resolved_at=MAYBE_TIME,
        description=MAYBE_TEXT,
        deployment_source=MAYBE_TEXT,
        deployment=MAYBE_TEXT,
        why=TEXT,
    ),
}
VOLUMES = list_of(
    one_of_each(DeployName=TEXT, Deployments={"type": "integer", "minimum": 1}, Time=TIME)
)
FREQUENCIES = list_of(
    one_of_each(
        DeployName=TEXT,
        Deployments=COUNT,
        DaysWithDeployments=COUNT,
        WeeksWithDeployments=COUNT,
        MonthsWithDeployments=COUNT,
        Frequency={"enum": ["daily", "weekly", "monthly", "yearly"]},
    )
)


def metric_shape(metric: str) -> Schema:
    """Describe the answer of a metric."""
    group = one_of_each(
        value=NUMBER,
        level=LEVEL,
        report_year={"type": ["integer", "null"]},
        count=COUNT,
        reason=MAYBE_TEXT,
        buckets=list_of(BUCKET),
        **BESIDE[metric],
    )
    group["properties"] |= dict.fromkeys(("service", "environment", "team"), MAYBE_TEXT)
    group["properties"]["previous"] = PREVIOUS
    return one_of_each(
        metric={"const": metric},
        unit=TEXT,
        **SPAN,
        bucket=TEXT,
        filters=FILTERS,
        groups=list_of(group),
    )


def summary_shape(metrics: Iterable[str]) -> Schema:
    """Describe the answer that has all metrics of each service."""
    service = one_of_each(service=TEXT, metrics=one_of_each(**dict.fromkeys(metrics, SUMMARY)))
    return one_of_each(**SPAN, filters=FILTERS, services=list_of(service))


def evidence_shape(name: str) -> Schema:
    """Describe a page of a list."""
    rows = {name: list_of(EVIDENCE[name])}
    return one_of_each(**SPAN, filters=FILTERS, **rows, next=MAYBE_TEXT)
