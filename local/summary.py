"""The five metrics of each service as a table for a terminal."""

from __future__ import annotations

from typing import Any

METRICS = {
    "deployment-frequency": "deployments",
    "lead-time-for-changes": "lead time",
    "change-failure-rate": "failed",
    "failed-deployment-recovery-time": "recovery",
    "deployment-rework-rate": "rework",
}
SPANS = ((1, "day"), (7, "week"), (30, "month"))
UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))


def table(services: list[dict[str, Any]]) -> list[str]:
    """Return the lines of a table: each value with its level, a dash where there is none.

    Args:
        services: of GET /summary.
    """
    rows = [["service", *METRICS.values()]]
    rows += [
        [service["service"], *(_cell(service["metrics"][name]) for name in METRICS)]
        for service in services
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cell(metric: dict[str, Any]) -> str:
    if metric["value"] is None:
        return "-"
    value = _value(metric["value"], metric["unit"])
    return f"{value} ({metric['level']})" if metric.get("level") else value


def _value(value: float, unit: str) -> str:
    match unit:
        case "seconds":
            return duration(value)
        case "ratio":
            return f"{value:.0%}"
    days, name = next((days, name) for days, name in SPANS if value * days >= 1 or name == "month")
    return f"{value * days:.1f} a {name}"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units."""
    for size, name, small, small_name in UNITS:
        if seconds >= size:
            whole, rest = divmod(int(seconds), size)
            return f"{whole} {name} {rest // small} {small_name}"
    return f"{seconds:.0f} s"
