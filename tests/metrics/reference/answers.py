"""What the metrics answer: rules 16, 17, 20 to 23, 27 and 28."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from tests.metrics.reference.groups import Group
from tests.metrics.reference.history import History
from tests.metrics.reference.question import Question, buckets
from tests.metrics.reference.shipping import Shipped

Answer = dict[str, Any]
DAY, WEEK, MONTH = 86400, 7 * 86400, 30 * 86400
LEVELS = ("elite", "high", "medium")
FREQUENCIES = {
    "elite": "daily or more",
    "high": "weekly",
    "medium": "monthly",
    "low": "less",
}
# Fewer deployments, changes or recoveries, or fewer covered days, have no level (22).
SAMPLE, SAMPLE_DAYS = 5, 7


def deployment_frequency(group: Group) -> Answer:
    """Rules 20 and 21."""
    count, covered = len(group.deployments), group.covered
    if not covered or not group.ever:
        return {"value": None, "count": count, "frequency": None, "level": None}
    value = count / group.covered_days
    level = _level(-value, (-1, -1 / 7, -1 / 30))
    return {
        "value": value,
        "count": count,
        "frequency": FREQUENCIES[level],
        "level": level if group.covered_days >= SAMPLE_DAYS else None,
    }


def lead_time_for_changes(group: Group, *, are_bots_apart: bool = False) -> Answer:
    """Rules 27 and 28."""
    shipments = [group.history.shipping.shipments[each] for each in group.deployments]
    shipped = group.shipped
    bots = [each for each in shipped if each.change.is_bots and are_bots_apart]
    own = [each for each in shipped if each not in bots]
    seconds = [each.lead_seconds for each in own]
    unknown = {
        name: sum(getattr(shipment, name) for shipment in shipments)
        for name in ("gaps", "contradictions", "incomplete_pushes")
    }
    unlinked = sum(shipment.is_unlinked for shipment in shipments)
    value = _median(seconds)
    is_doubtful = max(unknown.values()) > len(own) / 2 or unlinked > len(shipments) / 2
    return {
        "value": value,
        "count": len(own),
        "percentiles": {f"p{part}": _percentile(seconds, part) for part in (50, 75, 90, 95)},
        "level": _sampled_level(value, len(own), (DAY, WEEK, MONTH)) if not is_doubtful else None,
        "unlinked": unlinked,
        **unknown,
        **_stages(own),
        "bots_count": len(bots),
        "bots_value": _median([each.lead_seconds for each in bots]),
    }


def change_failure_rate(group: Group) -> Answer:
    """Rule 16."""
    basis = group.basis()
    planned = [each for each in group.deployments if not each.is_rollback]
    failed = [each for each in planned if group.history.failures.is_failed(each)]
    value = len(failed) / len(planned) if planned and basis else None
    return {
        "value": value,
        "count": len(planned),
        "failed": len(failed),
        "basis": basis,
        "level": _sampled_level(value, len(planned), (0.05, 0.10, 0.15), is_inclusive=True),
        "unattributed": len(group.unattributed),
    }


def failed_deployment_recovery_time(group: Group) -> Answer:
    """Rules 15 and 16."""
    basis, failures = group.basis(), group.history.failures
    failed = [each for each in group.deployments if failures.is_failed(each)]
    ends = [(each.time, failures.recovered(each)) for each in failed]
    seconds = [max(0.0, (end - time).total_seconds()) for time, end in ends if end]
    value = _median(seconds) if basis else None
    return {
        "value": value,
        "count": len(seconds),
        "percentiles": {f"p{part}": _percentile(seconds, part) for part in (50, 75, 90, 95)},
        "open": len(failed) - len(seconds),
        "basis": basis,
        "time_to_restore": _median(group.restored_after),
        "level": _sampled_level(value, len(seconds), (3600, DAY, WEEK)),
        "unattributed": len(group.unattributed),
    }


def deployment_rework_rate(group: Group) -> Answer:
    """Rule 17."""
    basis = group.basis(of_rework=True)
    rework = sum(group.history.failures.is_rework(each) for each in group.deployments)
    count = len(group.deployments)
    return {
        "value": rework / count if count and basis else None,
        "count": count,
        "rework": rework,
        "basis": basis,
        "level": None,
        "unattributed": len(group.unattributed),
    }


METRICS: dict[str, Callable[[Group], Answer]] = {
    "deployment-frequency": deployment_frequency,
    "lead-time-for-changes": lead_time_for_changes,
    "change-failure-rate": change_failure_rate,
    "failed-deployment-recovery-time": failed_deployment_recovery_time,
    "deployment-rework-rate": deployment_rework_rate,
}


def answer(metric: str, history: History, question: Question, now: datetime) -> Answer:
    """What a metric answers to a question, in one group."""
    group = Group(history, question, now)
    covered = group.covered
    return {
        **METRICS[metric](group),
        "unknown_tier": group.unknown_tier,
        "covered_from": covered[0] if covered else None,
        "covered_days": (covered[1] - covered[0]).total_seconds() / DAY if covered else 0,
    }


def bucketed(
    metric: str, history: History, question: Question, now: datetime, size: str
) -> list[Answer]:
    """The buckets of an answer (23)."""
    whole = Group(history, question, now)
    found = []
    for start, end in buckets(question, size):
        part = replace(question, start=max(start, question.start), end=min(end, question.end))
        own = METRICS[metric](Group(history, part, now, whole))
        covered = _covered_in(whole, start, end)
        if metric == "deployment-frequency":
            is_known = whole.ever and covered >= timedelta(days=1)
            own["value"] = own["count"] / (covered.total_seconds() / DAY) if is_known else None
        found.append(
            {
                "time": start,
                "value": own["value"],
                "count": own["count"],
                "partial": covered < end - start,
            }
        )
    return found


def _covered_in(group: Group, start: datetime, end: datetime) -> timedelta:
    if not group.covered:
        return timedelta(0)
    return min(end, group.covered[1]) - max(start, group.covered[0])


def _median(values: list[float]) -> float | None:
    return median(values) if values else None


def _percentile(values: list[float], part: int) -> float | None:
    """Interpolated between the two next to it (27)."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * part / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _stages(shipped: list[Shipped]) -> Answer:
    """The medians of commit → opened → merged → deployed (27)."""
    changes = [(each.change, each.deployment.time) for each in shipped]
    ends: dict[str, list[tuple[datetime | None, datetime | None]]] = {
        "commit_to_opened": [(change.committed, change.opened) for change, _ in changes],
        "opened_to_merged": [(change.opened, change.merged) for change, _ in changes],
        "merged_to_deployed": [(change.merged, deployed) for change, deployed in changes],
    }
    return {
        name: _median(
            [max(0.0, (to - start).total_seconds()) for start, to in both if start and to]
        )
        for name, both in ends.items()
    }


def _sampled_level(
    value: float | None, count: int, bounds: tuple[float, ...], *, is_inclusive: bool = False
) -> str | None:
    """None where too little is behind it (22)."""
    if value is None or count < SAMPLE:
        return None
    return _level(value, bounds, is_inclusive=is_inclusive)


def _level(value: float, bounds: tuple[float, ...], *, is_inclusive: bool = True) -> str:
    for name, bound in zip(LEVELS, bounds, strict=True):
        if value < bound or (is_inclusive and value == bound):
            return name
    return "low"
