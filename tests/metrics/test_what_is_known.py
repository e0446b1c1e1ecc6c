"""What is known, and what stands beside a number: rules 19 to 24 of docs/metrics.md.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.metrics.conftest import Told
from tests.metrics.happenings import DAY, Event, at, deployed, incident, merged, told_at

FREQUENCY, LEAD_TIME = "deployment-frequency", "lead-time-for-changes"
FAILURES, RECOVERY = "change-failure-rate", "failed-deployment-recovery-time"
REWORK = "deployment-rework-rate"
HOUR, WEEK = 60, 7 * DAY
V1, V2 = (f"pkg:oci/shop?tag={number}" for number in (1, 2))
BOTH = ["incidents", "rollbacks"]
NO_SOURCE = "no incident source is connected"


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def rolled_back(service: str = "shop", minute: float = 0, **parts: Any) -> list[Event]:
    """Make V1, V2 and V1 again, an hour apart."""
    return [
        deployed(f"{service}-{number}", minute + number * HOUR, service=service, **parts, **version)
        for number, version in enumerate(({"artifact": V1}, {"artifact": V2}, {"artifact": V1}))
    ]


def removed(event_id: str, minute: float, **parts: Any) -> Event:
    """Make a removal of shop from production."""
    event = deployed(event_id, minute, kind="removed", **parts)
    del event["subject"]["content"]["artifactId"]
    return event


# 19. Evidence of failure.


def test_without_an_incident_source_nothing_is_known_of_failures(told: Told) -> None:
    answers = told(deployed("d1", 1), deployed("d2", DAY))

    for metric, counts in {
        FAILURES: {"count": 2, "failed": 0},
        RECOVERY: {"count": 0, "open": 0},
        REWORK: {"count": 2, "rework": 0},
    }.items():
        group = answers.metric(metric)
        assert (group["value"], group["level"], group["basis"]) == (None, None, None)
        assert group["reason"] == NO_SOURCE
        assert {name: group[name] for name in counts} == counts
    assert answers.metric(FREQUENCY)["value"] is not None


def test_where_only_rollbacks_are_known_the_values_rest_on_them(told: Told) -> None:
    answers = told(*rolled_back())

    for metric, value in {FAILURES: 1 / 2, RECOVERY: 3600, REWORK: 1 / 3}.items():
        group = answers.metric(metric)
        assert group["value"] == pytest.approx(value)
        assert group["basis"] == ["rollbacks"]


EVIDENCE = {
    "its own": incident("detected", 30),
    "long after the span": incident("detected", 400 * DAY),
    "in an environment that is not asked about": incident("detected", 30, environment="staging"),
    "of another service, which has no team": incident("detected", 30, service="cart"),
    "of no service": incident("detected", 30, service=None),
}


@pytest.mark.parametrize("evidence", EVIDENCE.values(), ids=EVIDENCE.keys())
def test_any_incident_is_evidence_for_a_service_without_a_team(told: Told, evidence: Event) -> None:
    answers = told(*rolled_back(minute=DAY), deployed("s1", 2, environment="staging"), evidence)

    assert answers.metric(FAILURES)["basis"] == BOTH
    assert answers.metric(REWORK, service="shop")["basis"] == BOTH


@pytest.mark.parametrize(("team", "basis"), [("storefront", BOTH), ("post", None)])
def test_an_incident_of_another_service_is_evidence_for_its_team_alone(
    told: Told, team: str, basis: list[str] | None
) -> None:
    answers = told(
        deployed("d1", 1, team="storefront"),
        deployed("d2", 2, service="mail", team=team),
        incident("detected", 30, service="mail"),
    )

    assert answers.metric(FAILURES, service="shop")["basis"] == basis
    assert answers.metric(FAILURES, service="mail")["basis"] == BOTH


@pytest.mark.parametrize(
    "none",
    [
        incident("resolved", 30),
        incident("detected", 30, mergedInto="2"),
    ],
    ids=["only an end", "merged into another"],
)
def test_what_is_no_incident_is_no_evidence(told: Told, none: Event) -> None:
    answers = told(deployed("d1", 1), none)

    assert answers.metric(FAILURES)["reason"] == NO_SOURCE


def test_an_unplanned_mark_is_evidence_of_rework_alone(told: Told) -> None:
    answers = told(deployed("d1", 1), deployed("d2", 2, unplanned=True))

    assert answers.metric(REWORK)["value"] == 1 / 2
    assert answers.metric(FAILURES)["value"] is None
    assert answers.metric(RECOVERY)["value"] is None


def test_each_group_has_its_own_evidence(told: Told) -> None:
    answers = told(
        *rolled_back("shop", team="storefront"),
        *rolled_back("cart", team="orders"),
        deployed("d1", 1, service="mail", team="post"),
        incident("detected", 30, service="cart"),
    )

    groups = answers.groups(FAILURES, group_by="service")
    assert {group["service"]: group["basis"] for group in groups} == {
        "cart": BOTH,
        "mail": None,
        "shop": ["rollbacks"],
    }
    by_team = answers.groups(FAILURES, group_by="team")
    assert {group["team"]: group["basis"] for group in by_team} == {
        "orders": BOTH,
        "post": None,
        "storefront": ["rollbacks"],
    }
    assert answers.metric(FAILURES)["basis"] == BOTH


# 20. Covered time.


def test_a_frequency_is_per_day_since_midnight_of_the_first_event(told: Told) -> None:
    answers = told(deployed("d1", 18 * DAY + 10 * HOUR), deployed("d2", 20 * DAY))

    frequency = answers.metric(FREQUENCY)
    assert frequency["covered_from"] == told_at(18 * DAY)
    assert frequency["value"] == pytest.approx(2 / 10)


def test_an_incident_names_a_service_too(told: Told) -> None:
    answers = told(incident("detected", 8 * DAY + 1), deployed("d1", 18 * DAY))

    assert answers.metric(FREQUENCY)["value"] == pytest.approx(1 / 20)


def test_midnight_is_that_of_the_questions_time_zone(told: Told) -> None:
    answers = told(deployed("d1", 18 * DAY + 30))

    # Half past midnight in UTC is the evening of the day before in New York.
    frequency = answers.metric(FREQUENCY, timezone="America/New_York")
    assert frequency["covered_from"] == told_at(17 * DAY + 5 * HOUR)


def test_at_least_a_day_is_covered(told: Told) -> None:
    answers = told(deployed("d1", DAY), deployed("d2", DAY + 60))

    asked = {"to": told_at(DAY + 2 * HOUR)}
    assert answers.metric(FREQUENCY, **asked)["value"] == 2


def test_the_last_removal_ends_the_covered_time(told: Told) -> None:
    answers = told(
        *(deployed(f"d{day}", day * DAY) for day in range(5)),
        deployed("u1-1", 1, uid="u1"),
        removed("x1", 8 * DAY, uid="u1"),
    )

    # The target without uid is removed by any removal of the service there.
    assert answers.metric(FREQUENCY)["value"] == pytest.approx(6 / 8)


def test_while_one_target_is_left_all_time_is_covered(told: Told) -> None:
    answers = told(
        deployed("d1", 1, uid="u1"),
        deployed("d2", 2, uid="u2"),
        removed("x1", DAY, uid="u1"),
    )

    assert answers.metric(FREQUENCY)["value"] == pytest.approx(2 / 28)


def test_what_is_deployed_again_is_covered_all_the_time(told: Told) -> None:
    answers = told(deployed("d1", 0), removed("x1", DAY), deployed("d2", 20 * DAY))

    assert answers.metric(FREQUENCY)["value"] == pytest.approx(2 / 28)


def test_before_anything_was_known_values_are_null_in_the_span_before_too(told: Told) -> None:
    answers = told(deployed("d1", 1), incident("detected", 2))

    for metric in (FREQUENCY, LEAD_TIME, FAILURES, RECOVERY, REWORK):
        group = answers.metric(metric, **{"from": "2025-12-01", "to": "2026-01-01"})
        assert (group["value"], group["count"]) == (None, 0)
        previous = answers.metric(metric, compare="previous")["previous"]
        assert (previous["value"], previous["count"], previous["change"]) == (None, 0, None)


def test_a_service_that_was_never_deployed_there_has_no_frequency(told: Told) -> None:
    answers = told(deployed("d1", 1, environment="staging"))

    frequency = answers.metric(FREQUENCY)
    assert (frequency["count"], frequency["value"], frequency["level"]) == (0, None, None)
    assert frequency["reason"]
    assert answers.metric(FREQUENCY, tier="staging")["value"] == pytest.approx(1 / 28)


def test_a_service_that_was_deployed_there_once_has_a_frequency_of_0_later(told: Told) -> None:
    answers = told(deployed("d1", -60 * DAY))

    frequency = answers.metric(FREQUENCY)
    assert (frequency["count"], frequency["value"], frequency["level"]) == (0, 0, "low")


# 21. One value makes level and word; 22. levels need something behind them.


@pytest.mark.parametrize(
    ("count", "word", "level"),
    [
        (28, "daily or more", "elite"),
        (27, "weekly", "high"),
        (4, "weekly", "high"),
        (3, "monthly", "medium"),
        (0, "less", "low"),
    ],
)
def test_the_word_and_the_level_of_a_frequency_come_from_its_value(
    told: Told, count: int, word: str, level: str
) -> None:
    answers = told(
        deployed("d", -DAY), *(deployed(f"d{number}", number * DAY) for number in range(count))
    )

    frequency = answers.metric(FREQUENCY)
    assert (frequency["count"], frequency["frequency"], frequency["level"]) == (count, word, level)
    assert answers.ask("/deploy-frequency")[0]["frequency"] == word


def test_the_word_follows_the_table_of_levels(told: Told, database: Database) -> None:
    answers = told(deployed("d1", 0))
    database.rows(
        "update performance_levels set bound = 0.01"
        " where (metric, level) = ('deployment-frequency', 'elite')"
    )
    try:
        frequency = answers.metric(FREQUENCY)
    finally:
        database.rows(
            "update performance_levels set bound = 1"
            " where (metric, level) = ('deployment-frequency', 'elite')"
        )

    assert (frequency["frequency"], frequency["level"]) == ("daily or more", "elite")


@pytest.mark.parametrize(("days", "level"), [(7, "high"), (6.9, None)])
def test_a_frequency_has_a_level_from_seven_covered_days_on(
    told: Told, days: float, level: str | None
) -> None:
    answers = told(*(deployed(f"d{number}", number * DAY) for number in range(5)))

    frequency = answers.metric(FREQUENCY, to=told_at(days * DAY))
    assert (frequency["value"], frequency["level"]) == (pytest.approx(5 / days), level)
    assert frequency["frequency"] == "weekly"


@pytest.mark.parametrize("count", [4, 5])
def test_four_are_too_few_for_a_level_and_five_are_enough(told: Told, count: int) -> None:
    happened = [
        (
            merged(f"c{number}", number * DAY, f"c{number}"),
            deployed(f"d{number}", number * DAY + 60, commit=f"c{number}"),
            incident("detected", number * DAY + 90, subject=str(number)),
            incident("resolved", number * DAY + 120, subject=str(number)),
        )
        for number in range(count)
    ]
    answers = told(*(event for events in happened for event in events))

    for metric in (LEAD_TIME, FAILURES, RECOVERY):
        group = answers.metric(metric)
        assert (group["value"] is not None, group["count"]) == (True, count)
        assert (group["level"] is not None) == (count == 5)
        assert count == 5 or str(count) in group["reason"]


def test_no_level_where_more_than_half_of_the_deployments_are_unlinked(told: Told) -> None:
    linked = [
        (
            merged(f"c{number}", number * DAY, f"c{number}"),
            deployed(f"d{number}", number * DAY + 60, commit=f"c{number}"),
        )
        for number in range(5)
    ]
    unlinked = [deployed(f"u{number}", number * DAY + 90) for number in range(6)]
    answers = told(*(event for events in linked for event in events), *unlinked)

    group = answers.metric(LEAD_TIME)
    assert (group["count"], group["unlinked"], group["level"]) == (5, 6, None)
    assert answers.metric(LEAD_TIME, to=told_at(4 * DAY + 61))["level"] == "elite"


# 23. Buckets.


def test_what_the_span_or_the_covered_time_cuts_is_partial(told: Told) -> None:
    answers = told(deployed("d1", 9 * DAY), deployed("d2", 10 * DAY), deployed("d3", 15 * DAY))

    [group] = answers.ask(f"/metrics/{FREQUENCY}", bucket="week", to=told_at(23 * DAY))["groups"]
    assert [
        (each["time"], each["count"], each["partial"], each["value"]) for each in group["buckets"]
    ] == [
        (told_at(0), 0, True, None),
        (told_at(WEEK), 2, True, pytest.approx(2 / 5)),
        (told_at(2 * WEEK), 1, False, pytest.approx(1 / 7)),
        (told_at(3 * WEEK), 0, True, 0),
    ]


def test_a_frequency_is_null_in_a_bucket_of_which_less_than_a_day_is_covered(told: Told) -> None:
    answers = told(deployed("d1", 1))

    [group] = answers.ask(f"/metrics/{FREQUENCY}", bucket="week", to=told_at(WEEK + 23 * HOUR))[
        "groups"
    ]
    assert [(each["partial"], each["value"]) for each in group["buckets"]] == [
        (False, pytest.approx(1 / 7)),
        (True, None),
    ]


def test_buckets_begin_at_midnight_of_the_questions_time_zone(told: Told) -> None:
    # Sunday evening in New York is Monday in UTC.
    answers = told(deployed("d1", -DAY), deployed("d2", WEEK + 2 * HOUR))

    zone = {"from": "2026-01-05T05:00:00Z", "to": "2026-01-19T05:00:00Z", "bucket": "week"}
    [group] = answers.ask(f"/metrics/{FREQUENCY}", timezone="America/New_York", **zone)["groups"]
    assert [(each["time"], each["count"]) for each in group["buckets"]] == [
        (told_at(5 * HOUR), 1),
        (told_at(WEEK + 5 * HOUR), 0),
    ]


def test_a_day_with_a_change_of_the_clock_has_23_hours(told: Told) -> None:
    answers = told(deployed("d1", 0))

    span = {"from": "2026-03-27T23:00:00Z", "to": "2026-03-29T22:00:00Z", "bucket": "day"}
    [group] = answers.ask(f"/metrics/{FREQUENCY}", timezone="Europe/Berlin", **span)["groups"]
    assert [(each["time"], each["partial"]) for each in group["buckets"]] == [
        ("2026-03-27T23:00:00Z", False),
        ("2026-03-28T23:00:00Z", False),
    ]


def test_dates_are_those_of_the_time_zone(told: Told) -> None:
    answers = told(deployed("d1", 0))

    answer = answers.ask(f"/metrics/{FREQUENCY}", timezone="Asia/Kolkata")
    assert (answer["from"], answer["to"]) == ("2026-01-04T18:30:00Z", "2026-02-01T18:30:00Z")


def test_quarters_are_those_of_the_calendar(told: Told) -> None:
    answers = told(deployed("d1", 0), deployed("d2", 100 * DAY))

    span = {"from": "2026-01-01", "to": "2026-07-01"}
    [group] = answers.ask(f"/metrics/{FREQUENCY}", bucket="quarter", **span)["groups"]
    assert [(each["time"], each["count"], each["partial"]) for each in group["buckets"]] == [
        ("2026-01-01T00:00:00Z", 1, True),
        ("2026-04-01T00:00:00Z", 1, False),
    ]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "UTC+1 "])
def test_an_unknown_time_zone_is_refused(
    database: Database, function: Functions, zone: str
) -> None:
    answer = function("metrics-endpoint").get(f"/metrics/{FREQUENCY}", timezone=zone)

    assert database
    assert answer.status_code == 400
    assert "timezone" in answer.text


@pytest.mark.parametrize(
    ("since", "days"), [("P30D", 30), ("P2W", 14), ("PT36H", 1.5), ("P1DT12H", 1.5)]
)
def test_a_span_may_be_a_duration_up_to_its_end(told: Told, since: str, days: float) -> None:
    answers = told(deployed("d1", 0))

    answer = answers.ask(f"/metrics/{FREQUENCY}", **{"from": since, "to": "2026-02-02"})
    assert datetime.fromisoformat(answer["from"]) == datetime(2026, 2, 2, tzinfo=UTC) - timedelta(
        days=days
    )


# 24. What qualifies a number stands beside it.


def test_what_is_unattributed_stands_beside_the_failures_whatever_its_environment(
    told: Told,
) -> None:
    answers = told(
        deployed("d1", 0),
        deployed("d2", 1, service="cart"),
        incident("detected", 20 * DAY, subject="1"),  # more than seven days after it
        incident("detected", 20 * DAY, subject="2", environment="staging"),
        incident("detected", 20 * DAY, subject="3", service="nobody"),
        incident("detected", 20 * DAY, subject="4", service=None),
        incident("detected", DAY, subject="5"),
    )

    for metric in (FAILURES, RECOVERY, REWORK):
        assert answers.metric(metric)["unattributed"] == 4
        assert answers.metric(metric, service="shop")["unattributed"] == 2
        assert answers.metric(metric, service="cart")["unattributed"] == 0
        assert answers.metric(metric, to=told_at(2 * DAY))["unattributed"] == 0


def test_the_summary_says_what_the_metrics_say(told: Told) -> None:
    answers = told(
        merged("c1", 0, "c1"),
        deployed("d1", 60, commit="c1"),
        deployed("d2", 120),
        incident("detected", 130),
        incident("detected", 20 * DAY, subject="2"),
    )

    [shop] = answers.ask("/summary")["services"]
    for metric, summary in shop["metrics"].items():
        [group] = answers.groups(metric, group_by="service")
        beside = {
            FREQUENCY: {"covered_from", "frequency"},
            LEAD_TIME: {"unlinked", "gaps"},
            FAILURES: {"basis", "unattributed", "failed"},
            RECOVERY: {"basis", "unattributed", "open"},
            REWORK: {"basis", "unattributed", "rework"},
        }[metric]
        for name in {"value", "level", "count", "reason", *beside}:
            assert summary[name] == group[name], (metric, name)


def test_csv_says_what_json_says(told: Told, function: Functions) -> None:
    answers = told(*rolled_back())

    group = answers.metric(FAILURES)
    text = function("metrics-endpoint").get(
        f"/metrics/{FAILURES}",
        format="csv",
        bucket="all",
        **{"from": told_at(0), "to": told_at(WEEK)},
    )
    [row] = list(csv.DictReader(io.StringIO(text.text)))
    assert (float(row["value"]), int(row["count"])) == (group["value"], group["count"])
    assert row["basis"] == "rollbacks"


def test_lists_are_paged_in_json_and_complete_in_csv(told: Told, function: Functions) -> None:
    answers = told(*(deployed(f"d{number:03}", number) for number in range(150)))

    assert len(answers.ask("/deployments")["deployments"]) == 100
    text = function("metrics-endpoint").get(
        "/deployments", format="csv", **{"from": "2026-01-05", "to": "2026-02-02"}
    )
    assert len(list(csv.DictReader(io.StringIO(text.text)))) == 150


def test_what_is_left_out_for_an_unknown_tier_is_counted_and_named(told: Told) -> None:
    answers = told(
        deployed("d1", 0),
        deployed("d2", 1, environment="blue"),
        deployed("d3", 2, environment="green"),
        deployed("d4", DAY, environment="green"),
    )

    assert answers.metric(FREQUENCY)["count"] == 1
    for asked in ({}, {"tier": "staging"}):
        left_out = answers.ask(f"/metrics/{FREQUENCY}", **asked)["unknown_tier"]
        assert left_out == {"deployments": 3, "environments": ["blue", "green"]}
    named = answers.ask(f"/metrics/{FREQUENCY}", environment="blue")["unknown_tier"]
    assert named == {"deployments": 0, "environments": []}


def test_commits_of_bots_stand_beside_the_median_when_they_are_set_apart(told: Told) -> None:
    pushed = merged("c2", 60, ("c1", 0), ("c2", 50))
    pushed["customData"]["dora"]["commits"][1]["bot"] = True
    answers = told(
        merged("c0", -DAY, "c0"),
        deployed("d0", -DAY + 1, commit="c0"),
        pushed,
        deployed("d1", 70, commit="c2"),
    )

    together = answers.metric(LEAD_TIME)
    assert (together["value"], together["count"]) == (45 * 60, 2)
    apart = answers.metric(LEAD_TIME, bots="apart")
    assert (apart["value"], apart["count"]) == (70 * 60, 1)
    assert (apart["bots"]["value"], apart["bots"]["count"]) == (20 * 60, 1)


# What there is.


def test_services_teams_and_environments_are_listed(told: Told) -> None:
    answers = told(
        deployed("d1", 1, team="storefront", repository="https://example.com/acme/shop"),
        deployed("d2", 2, environment="blue"),
        incident("detected", 3, service="cart"),
    )

    services = {each["service"]: each for each in answers.ask("/services")["services"]}
    assert sorted(services) == ["cart", "shop"]
    assert services["shop"]["team"] == "storefront"
    assert services["shop"]["repositories"] == ["https://example.com/acme/shop"]
    assert [each["team"] for each in answers.ask("/teams")["teams"]] == ["storefront"]
    environments = {
        each["environment"]: each["tier"] for each in answers.ask("/environments")["environments"]
    }
    assert environments == {"blue": None, "production": "production"}


def test_the_tutorials_question_counts_a_version_in_two_clusters_once(told: Told) -> None:
    answers = told(
        deployed("d1", 1, artifact=V1, uid="u1"), deployed("d2", 2, artifact=V1, uid="u2")
    )

    assert answers.ask("/deploy-frequency/day") == [
        {"DeployName": "shop", "Deployments": 1, "Time": f"{at(0):%Y-%m-%dT%H:%M:%SZ}"}
    ]
