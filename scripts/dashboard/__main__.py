"""Write dashboards/dora.json; a test compares it with what this would write."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync

from dora.questions.metrics import METRICS
from scripts.dashboard import panels
from scripts.dashboard.annotations import marks
from scripts.dashboard.variables import variables

FILE = Path(__file__).parents[2] / "dashboards" / "dora.json"
# Grafana's grid has 24 columns, for five values.
WIDTHS = (5, 5, 5, 5, 4)


def main() -> None:
    """Write it."""
    FILE.write_text(written())


def written() -> str:
    """Return the dashboard as it should be."""
    return JSONEncoder(sort_keys=True, indent=2).encode(dashboard().build()) + "\n"


def dashboard() -> Dashboard:
    """Return the five metrics, over time, and what they are made of."""
    made = (
        Dashboard("DORA metrics")
        .uid("dora")
        .description("The five DORA metrics; docs/metrics.md defines what counts.")
        .tags(["dora"])
        .timezone("utc")
        .time("now-90d", "now")
        .refresh("5m")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .variables(list(variables()))
        .annotations(list(marks()))
    )
    for metric, width in zip(METRICS, WIDTHS, strict=True):
        made.with_panel(panels.value(metric, width))
    for metric in METRICS:
        made.with_panel(panels.over_time(metric))
    made.with_panel(panels.standing())
    for shown in panels.rows():
        made = made.with_row(shown) if isinstance(shown, Row) else made.with_panel(shown)
    return made


if __name__ == "__main__":
    main()
