"""The CDEvents of the demo, as the transformers make them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from local.demo import history, kubernetes
from local.demo.transforming import cdevents_of
from local.demo.working_hours import last_working_day


def demo_events() -> Iterator[dict[str, Any]]:
    """Return them as CloudEvents in JSON format, the recorded rollouts among them."""
    now = datetime.now(UTC)
    recorded = kubernetes.recorded(last_working_day(now.date()))
    for report in sorted([*history.reports(now), *recorded], key=lambda report: report.when):
        yield from cdevents_of(report)
