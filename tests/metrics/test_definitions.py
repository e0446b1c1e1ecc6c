"""What each number means: events in, numbers out; every sentence of docs/metrics.md that counts.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
What counts as a deployment is in test_deployments.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Database
from tests.events import cdevent
from tests.metrics.conftest import Report
from tests.metrics.happenings import (
    DAY,
    Event,
    deployed,
    incident,
    merged,
    packaged,
    published,
    with_time,
)

FREQUENCY, LEAD_TIME = "deployment-frequency", "lead-time-for-changes"
FAILURES, RECOVERY = "change-failure-rate", "failed-deployment-recovery-time"
REWORK = "deployment-rework-rate"
V1, V2, V3 = (f"pkg:oci/shop?tag={number}" for number in (1, 2, 3))
WEEK = 7 * DAY


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


# Deployments and environments.


def test_several_images_of_one_rollout_are_one_deployment(report: Report) -> None:
    answers = report(deployed("d1", 1, artifact=V1, images=["pkg:oci/proxy?tag=7"]))

    assert answers.metric(FREQUENCY)["count"] == 1


TIERS = {
    "production": ["production", "prod-eu", "live", "default"],
    "staging": ["staging"],
    "testing": ["test", "qa-1"],
    "development": ["dev"],
}


def test_each_environment_has_a_tier_and_production_counts_unless_asked_otherwise(
    report: Report,
) -> None:
    answers = report(
        *(deployed(name, 1, environment=name) for tier in TIERS.values() for name in tier)
    )

    for tier, names in TIERS.items():
        groups = answers.groups(FREQUENCY, tier=tier, group_by="environment")
        assert [group["environment"] for group in groups] == sorted(names)
    assert answers.metric(FREQUENCY)["count"] == 4
    assert len(answers.ask("/deploy-frequency/day")[0]) == 3
    assert answers.ask("/deploy-frequency/day")[0]["Deployments"] == 8


def test_an_environment_that_was_never_production_counts_only_in_its_tier(report: Report) -> None:
    answers = report(merged("c1", 1), deployed("d1", 2, commit="c1", environment="staging"))

    assert answers.metric(FREQUENCY)["value"] is None
    assert answers.metric(LEAD_TIME)["value"] is None
    assert answers.metric(LEAD_TIME, tier="staging")["count"] == 1
    assert answers.rows("deployments", "id") == []


# Changes and what a deployment ships.


def shipped(answers: Any, **asked: Any) -> list[str]:
    """Return deployment and change of what was shipped."""
    return sorted(" ".join(row) for row in answers.rows("changes", "deployment", "sha", **asked))


def test_a_push_with_five_commits_is_five_changes(report: Report) -> None:
    answers = report(
        merged("c0", 1),
        deployed("d1", 2, commit="c0"),
        merged("c5", 3, "c1", "c2", "c3", "c4", "c5"),
        deployed("d2", 4, commit="c5"),
    )

    assert shipped(answers, deployment="d2") == ["d2 c1", "d2 c2", "d2 c3", "d2 c4", "d2 c5"]
    assert answers.metric(LEAD_TIME)["count"] == 6


@pytest.mark.parametrize(
    ("squashed", "clock", "minutes"),
    [
        (merged("7", 30, ("c1", 10), opened=20), "commit", 30),
        (merged("7", 30, "c1", opened=20), "opened", 20),
        (merged("7", 30, "c1"), "merged", 10),
    ],
)
def test_a_squashed_pull_request_is_one_change_and_its_clock_is_reported(
    report: Report, squashed: Event, clock: str, minutes: int
) -> None:
    answers = report(squashed, deployed("d1", 40, commit="7"))

    assert answers.rows("changes", "sha", "clock", "lead_time_seconds") == [
        ("c1", clock, minutes * 60)
    ]


def test_reported_by_the_pull_request_and_by_the_push_it_is_one_change(report: Report) -> None:
    answers = report(
        merged("7", 30, ("c1", 10), opened=20),
        merged("c1", 31, ("c1", 30)),
        deployed("d1", 40, commit="c1"),
    )

    assert answers.rows("changes", "sha", "lead_time_seconds") == [("c1", 30 * 60)]


@pytest.mark.parametrize(
    "naming",
    [
        [deployed("d1", 9, commit="c1")],
        [deployed("d1", 9, artifact=V1), packaged(V1, "c1")],
        [deployed("d1", 9, artifact=V1), packaged(V1, "7", commit="c1")],
        [deployed("d1", 9, artifact=V1), published(V1, commit="c1")],
    ],
)
def test_a_deployment_names_a_commit_or_an_artifact_that_names_it(
    report: Report, naming: list[Event]
) -> None:
    assert shipped(report(merged("c1", 1), *naming)) == ["d1 c1"]


def test_a_tag_that_moves_names_what_was_last_reported_of_it_before(report: Report) -> None:
    answers = report(
        merged("c1", 1),
        merged("c2", 2),
        *(packaged(V1, "c1", 3), packaged(V1, "c2", 5)),
        *(deployed("d1", 4, artifact=V1), deployed("d2", 6, artifact=V1)),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2"]


def test_it_ships_all_before_it_in_the_branch_that_no_earlier_deployment_shipped(
    report: Report,
) -> None:
    answers = report(
        *(merged(f"c{minute}", minute) for minute in (1, 2, 3, 4)),
        merged("other", 2, branch="release"),
        merged("foreign", 2, repository="acme/cart"),
        deployed("d1", 5, commit="c1"),
        deployed("d2", 6, commit="c3"),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2", "d2 c3"]


def test_the_first_deployment_ships_only_the_change_it_names(report: Report) -> None:
    answers = report(merged("c1", 1), merged("c2", 2), deployed("d1", 3, commit="c2"))

    assert shipped(answers) == ["d1 c2"]


def test_going_back_to_an_earlier_commit_ships_nothing(report: Report) -> None:
    answers = report(
        merged("c1", 1),
        merged("c2", 2),
        deployed("d1", 3, commit="c1"),
        deployed("d2", 4, commit="c2"),
        deployed("d3", 5, commit="c1"),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2"]
    assert answers.metric(LEAD_TIME)["unlinked"] == 0


def test_two_services_of_one_repository_each_ship_on_their_own(report: Report) -> None:
    answers = report(
        merged("c1", 1),
        deployed("d1", 2, commit="c1"),
        deployed("d2", 3, commit="c1", service="cart"),
    )

    assert shipped(answers) == ["d1 c1", "d2 c1"]


def test_where_nothing_is_linked_there_is_no_lead_time_and_the_deployments_are_counted(
    report: Report,
) -> None:
    answers = report(deployed("d1", 1), deployed("d2", 2, commit="nobody knows"))

    for group in (answers.metric(LEAD_TIME), *answers.groups(LEAD_TIME, group_by="service")):
        assert (group["value"], group["unlinked"]) == (None, 2)
        assert group["reason"] == "no deployment in this time shipped a known change"


def test_a_commit_reported_again_is_shipped_by_what_names_its_pull_request(report: Report) -> None:
    report(merged("8", 0, ("c1", 0)), deployed("d1", 0, commit="8"))

    assert shipped(report(merged("c1", 12 * 60))) == ["d1 c1"]


def test_a_deployment_before_its_change_is_known_ships_it_once_it_is(report: Report) -> None:
    assert shipped(report(deployed("d1", 5, commit="c1"))) == []
    assert shipped(report(merged("c1", 1))) == ["d1 c1"]


# Lead time for changes.


def test_a_commit_by_a_clock_that_is_ahead_of_its_deployment_takes_no_time(report: Report) -> None:
    answers = report(merged("c1", 5, ("c1", 20)), deployed("d1", 10, commit="c1"))

    assert answers.metric(LEAD_TIME)["value"] == 0


def test_the_lead_time_has_stages_where_they_are_known(report: Report) -> None:
    answers = report(merged("7", 30, ("c1", 0), opened=10), deployed("d1", 70, commit="c1"))

    lead_time = answers.metric(LEAD_TIME)
    stages = ("commit_to_opened", "opened_to_merged", "merged_to_deployed")
    assert [lead_time["value"], *(lead_time[stage] for stage in stages)] == [
        70 * 60,
        10 * 60,
        20 * 60,
        40 * 60,
    ]


def test_the_median_of_an_even_count_and_the_percentiles_are_interpolated(report: Report) -> None:
    answers = report(
        merged("c1", 0, ("c1", 0)),
        deployed("d1", 10, commit="c1"),
        merged("c2", 20, ("c2", 20)),
        deployed("d2", 40, commit="c2"),
    )

    lead_time = answers.metric(LEAD_TIME)
    assert (lead_time["value"], lead_time["count"]) == (15 * 60, 2)
    minutes = {name: value / 60 for name, value in lead_time["percentiles"].items()}
    assert minutes == pytest.approx({"p50": 15, "p75": 17.5, "p90": 19, "p95": 19.5})


def test_the_lead_time_is_of_the_week_of_the_deployment(report: Report) -> None:
    answers = report(merged("c1", 0, ("c1", 0)), deployed("d1", WEEK + 1, commit="c1"))

    [group] = answers.ask(f"/metrics/{LEAD_TIME}")["groups"]
    assert [bucket["count"] for bucket in group["buckets"]] == [0, 1, 0, 0]


# Levels, and what is not known.


def test_a_level_comes_with_the_year_of_its_report(report: Report) -> None:
    answers = report(
        merged("c0", 0),
        deployed("d0", 1, commit="c0"),
        merged("c4", 2, "c1", "c2", "c3", "c4"),
        deployed("d1", 60, commit="c4"),
    )
    lead_time = answers.metric(LEAD_TIME)

    assert (lead_time["level"], lead_time["report_year"]) == ("elite", 2023)


def test_a_bucket_without_deployments_is_0_for_frequency_and_null_for_the_rest(
    report: Report,
) -> None:
    answers = report(
        merged("c1", 0),
        deployed("d1", 10, commit="c1"),
        incident("detected", 20),
        incident("resolved", 30),
    )

    def values(metric: str) -> list[float | None]:
        [group] = answers.ask(f"/metrics/{metric}")["groups"]
        return [bucket["value"] for bucket in group["buckets"]]

    assert values(FREQUENCY) == [1 / 7, 0, 0, 0]
    assert values(LEAD_TIME) == [10 * 60, None, None, None]
    assert values(FAILURES) == [1, None, None, None]
    assert values(RECOVERY) == [20 * 60, None, None, None]
    assert values(REWORK) == [0, None, None, None]


# Late, twice, at other times, under other names.


def test_an_event_late_by_a_month_changes_what_came_after_it(report: Report) -> None:
    answers = report(deployed("d2", 10, artifact=V2), deployed("d3", 20, artifact=V1))
    assert answers.ids("is_failed") == []

    answers = report(deployed("d1", -30 * DAY, artifact=V1))

    assert (answers.ids("is_rollback"), answers.ids("is_failed")) == (["d3"], ["d2"])


def test_redelivery_changes_nothing(report: Report) -> None:
    events = [
        merged("c1", 0),
        deployed("d1", 10, commit="c1"),
        incident("detected", 20),
        deployed("d2", 30),
        incident("resolved", 40),
    ]
    once = report(*events).ask("/summary")

    assert report(*events).ask("/summary") == once


def test_a_time_with_another_offset_counts_in_the_day_that_it_is_in_utc(report: Report) -> None:
    answers = report(with_time("2026-01-06T00:30:00+01:00", deployed("d1", 0)))

    [group] = answers.ask(f"/metrics/{FREQUENCY}", bucket="day", to="2026-01-07")["groups"]
    assert [bucket["count"] for bucket in group["buckets"]] == [1, 0]
    assert answers.rows("deployments", "deployed_at") == [("2026-01-05T23:30:00Z",)]


def test_on_the_day_the_clocks_change_a_day_has_24_hours_and_an_hour_60_minutes(
    report: Report,
) -> None:
    # In Berlin the clocks went from 02:00 to 03:00 that night.
    answers = report(
        with_time("2026-03-29T01:50:00+01:00", merged("c1", 0)),
        with_time("2026-03-29T03:10:00+02:00", deployed("d1", 0, commit="c1")),
        with_time("2026-03-30T01:30:00+02:00", deployed("d2", 0)),
    )
    sunday = {"from": "2026-03-29", "to": "2026-03-31", "bucket": "day"}

    [frequency] = answers.ask(f"/metrics/{FREQUENCY}", **sunday)["groups"]
    [lead_time] = answers.ask(f"/metrics/{LEAD_TIME}", **sunday)["groups"]

    assert [(each["time"], each["value"]) for each in frequency["buckets"]] == [
        ("2026-03-29T00:00:00Z", 2),
        ("2026-03-30T00:00:00Z", 0),
    ]
    assert lead_time["value"] == 20 * 60


@pytest.mark.parametrize(
    ("bucket", "counts"),
    [
        ("week", {"2020-12-28": 2, "2021-01-04": 1}),
        ("year", {"2020-01-01": 1, "2021-01-01": 2}),
    ],
)
def test_the_week_53_of_a_year_ends_in_the_next_one(
    report: Report, bucket: str, counts: dict[str, int]
) -> None:
    days = ("2020-12-31", "2021-01-01", "2021-01-04")
    answers = report(*(with_time(f"{day}T12:00:00Z", deployed(day, 0)) for day in days))

    span = {"from": "2020-12-28", "to": "2021-01-11", "bucket": bucket}
    [group] = answers.ask(f"/metrics/{FREQUENCY}", **span)["groups"]

    assert {each["time"][:10]: each["count"] for each in group["buckets"]} == counts


def test_a_service_renamed_is_another_service(report: Report) -> None:
    answers = report(
        merged("c1", 1),
        merged("c2", 2),
        deployed("d1", 10, commit="c1", artifact=V1),
        deployed("d2", 20, commit="c2", artifact=V2, service="store"),
        deployed("d3", 30, artifact=V1, service="store"),
    )

    counts = {
        group["service"]: group["count"] for group in answers.groups(FREQUENCY, group_by="service")
    }
    assert counts == {"shop": 1, "store": 2}
    assert shipped(answers) == ["d1 c1", "d2 c2"]
    assert answers.ids("is_rollback") == []


def test_a_filter_that_matches_nothing_gives_null_with_a_reason_and_empty_lists(
    report: Report,
) -> None:
    answers = report(deployed("d1", 10), deployed("d2", 20), incident("detected", 30))

    for metric in (FREQUENCY, LEAD_TIME, FAILURES, RECOVERY, REWORK):
        group = answers.metric(metric, service="nobody")
        assert (group["value"], group["count"]) == (None, 0)
        assert group["reason"]
        assert answers.groups(metric, service="nobody", group_by="service") == []
    assert answers.ask("/summary", service="nobody")["services"] == []
    for name in ("deployments", "changes", "incidents"):
        assert answers.rows(name, service="nobody") == []


def test_what_is_no_deployment_counts_nowhere(report: Report) -> None:
    content = {"environment": {"id": "production"}}
    answers = report(cdevent("service.removed", content=content))

    assert answers.metric(FREQUENCY)["count"] == 0
    assert answers.metric(REWORK)["value"] is None
