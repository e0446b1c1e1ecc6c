from __future__ import annotations

from typing import Any

from dora.pages.charts import HAPPENINGS, happenings


def days(*failed: int) -> list[dict[str, Any]]:
    return [
        {
            "time": f"day {place}",
            "deployments": 2,
            "failed": each,
            "rollbacks": 0,
            "incidents": each,
        }
        for place, each in enumerate(failed)
    ]


def test_each_day_on_which_something_failed_is_told_by_itself() -> None:
    found = happenings(days(0, 1, 0, 2))

    assert [(each.place, each.slots, each.time, each.last, each.end) for each in found] == [
        (1, 1, "day 1", "day 1", "day 2"),
        (3, 1, "day 3", "day 3", None),
    ]
    assert found[1].counts == {"deployments": 2, "failed": 2, "rollbacks": 0, "incidents": 2}


def test_where_something_failed_on_very_many_days_several_of_them_are_told_together() -> None:
    timeline = days(*range(1, 91))

    found = happenings(timeline)

    assert [each.slots for each in found] == 22 * [4] + [2]
    assert len(found) <= HAPPENINGS
    assert (found[1].time, found[1].last, found[1].end) == ("day 4", "day 7", "day 8")
    assert sum(each.counts["failed"] for each in found) == sum(range(1, 91))
