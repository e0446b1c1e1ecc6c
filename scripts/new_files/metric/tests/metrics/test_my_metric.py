"""my-metric: what happens, and what is answered then."""

from __future__ import annotations

from tests.metrics.conftest import Report
from tests.metrics.happenings import deployed


def test_the_value_is_the_part_of_deployments_with_a_commit(report: Report) -> None:
    answers = report(deployed("d1", 1, commit="a" * 40), deployed("d2", 2))

    group = answers.metric("my-metric")

    assert (group["value"], group["count"]) == (0.5, 2)


def test_without_deployments_it_is_null_with_the_reason(report: Report) -> None:
    group = report(deployed("d1", 1, environment="staging")).metric("my-metric")

    assert (group["value"], group["reason"]) == (None, "no deployment in this time")
