"""What Jenkins' jobs are called."""

from __future__ import annotations

import pytest

from dora.tools.jobs import job_name, started_at


@pytest.mark.parametrize(
    ("report", "name"),
    [
        ({"name": "shop", "display_name": "Shop", "url": "job/shop/"}, "Shop"),
        ({"name": "main", "url": "job/shop/job/main/"}, "shop/main"),
        ({"name": "x", "url": "job/team/job/shop/job/feature%252Fx/"}, "team/shop/feature/x"),
        ({"displayName": "Shop", "url": "elsewhere"}, "Shop"),
        ({}, None),
    ],
)
def test_a_job_is_called_by_its_whole_path_where_it_has_one(
    report: dict[str, str], name: str | None
) -> None:
    assert job_name(report) == name


def test_a_build_began_its_duration_before_its_end() -> None:
    assert started_at({"timestamp": 1772442154321, "duration": 154321}) == "2026-03-02T09:00:00Z"
    assert started_at({"timestamp": 1772442154321}) is None
