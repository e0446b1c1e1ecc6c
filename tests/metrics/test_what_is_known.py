"""What an answer rests on: docs/metrics.md, rules 19 to 24.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.metrics.conftest import FOUR_WEEKS, Answers, Report
from tests.metrics.happenings import DAY, Event, deployed, incident, merged, removed

FREQUENCY, LEAD_TIME = "deployment-frequency", "lead-time-for-changes"
FAILURES, RECOVERY = "change-failure-rate", "failed-deployment-recovery-time"
REWORK = "deployment-rework-rate"
NOT_CONNECTED = "no incident source is connected"
V1, V2 = "pkg:oci/shop?tag=1", "pkg:oci/shop?tag=2"


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def parts(answers: Answers, metric: str, *names: str, **asked: Any) -> tuple[Any, ...]:
    group = answers.metric(metric, **asked)
    return tuple(group[name] for name in names)


def every(days: int, until: int, **named: Any) -> list[Event]:
    """A deployment every so many days, from the first day on, at noon."""
    return [deployed(f"d{day}", day * DAY + 720, **named) for day in range(0, until, days)]


# 19: evidence of failure.


@pytest.mark.parametrize("metric", [FAILURES, RECOVERY, REWORK])
def test_without_any_incident_or_rollback_ever_nothing_is_known_of_failures(
    report: Report, metric: str
) -> None:
    answers = report(*every(2, 28))

    assert parts(answers, metric, "value", "level", "basis", "reason") == (
        None,
        None,
        None,
        NOT_CONNECTED,
    )
    buckets = answers.ask(f"/metrics/{metric}")["groups"][0]["buckets"]
    assert {bucket["value"] for bucket in buckets} == {None}


def test_counts_beside_a_value_that_is_null_stay_numbers(report: Report) -> None:
    answers = report(deployed("d1", 1), deployed("d2", 2))

    assert parts(answers, FAILURES, "value", "count", "failed", "unattributed") == (None, 2, 0, 0)
    assert parts(answers, RECOVERY, "value", "count", "open") == (None, 0, 0)
    assert parts(answers, REWORK, "value", "count", "rework") == (None, 2, 0)


def test_where_only_rollbacks_are_known_the_value_rests_on_them(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("d3", 3, artifact=V1),
    )

    assert parts(answers, FAILURES, "value", "basis") == (0.5, ["rollbacks"])
    assert parts(answers, REWORK, "value", "basis") == (1 / 3, ["rollbacks"])


def test_an_unplanned_deployment_is_evidence_of_rework_alone(report: Report) -> None:
    answers = report(deployed("d1", 1), deployed("d2", 2, unplanned=True))

    assert parts(answers, REWORK, "value", "basis") == (0.5, ["unplanned"])
    assert parts(answers, FAILURES, "value", "basis") == (None, None)


def test_an_incident_of_any_time_and_environment_is_evidence(report: Report) -> None:
    answers = report(
        deployed("d1", 1),
        incident("detected", 60 * DAY, environment="staging"),
    )

    assert parts(answers, FAILURES, "value", "basis") == (0, ["incidents", "rollbacks"])


@pytest.mark.parametrize(
    ("team", "other_team", "value"),
    [
        ("a", "a", 0),
        ("a", "b", None),
        (None, "b", 0),
        ("a", None, None),
        # What `make run` brings connects nobody's own source.
        (None, "demo-payments", None),
        ("demo-payments", "demo-payments", 0),
    ],
)
def test_an_incident_is_evidence_for_its_team_and_for_those_without_a_team(
    report: Report, team: str | None, other_team: str | None, value: float | None
) -> None:
    answers = report(
        deployed("d1", 1, team=team),
        deployed("d2", 1, service="cart", team=other_team),
        incident("detected", 2, service="cart"),
    )

    assert answers.metric(FAILURES, service="shop")["value"] == value
    assert answers.metric(FAILURES)["value"] == 0.5  # of all, one of which has evidence


def test_of_groups_each_has_its_own_evidence(report: Report) -> None:
    answers = report(
        deployed("d1", 1, team="a"),
        deployed("d2", 1, service="cart", team="b"),
        incident("detected", 2, service="cart"),
    )

    groups = answers.groups(FAILURES, group_by="service")
    assert [(each["service"], each["value"]) for each in groups] == [("cart", 1), ("shop", None)]


# 20: covered time.


def test_a_frequency_is_per_day_since_the_first_event_that_names_the_service(
    report: Report,
) -> None:
    answers = report(
        incident("detected", 14 * DAY + 720),
        deployed("d1", 15 * DAY),
        deployed("d2", 20 * DAY),
    )

    assert parts(answers, FREQUENCY, "value", "covered_from", "covered_days") == (
        2 / 14,
        "2026-01-19T00:00:00Z",
        14,
    )


def test_covered_days_begin_at_midnight_of_the_time_zone(report: Report) -> None:
    answers = report(deployed("d1", 14 * DAY + 30))  # half past midnight in UTC

    covered = answers.metric(FREQUENCY, timezone="America/New_York")["covered_from"]
    assert covered == "2026-01-18T05:00:00Z"


def test_of_less_than_a_day_a_frequency_is_that_of_a_day(report: Report) -> None:
    answers = report(deployed("d1", 27 * DAY + 1380), deployed("d2", 27 * DAY + 1400))

    assert answers.metric(FREQUENCY)["value"] == 2
    assert answers.metric(FREQUENCY, to="2026-02-01T23:30:00Z")["value"] == 2


def test_a_service_is_covered_until_its_last_target_is_removed(report: Report) -> None:
    answers = report(
        *every(2, 10, uid="u1"),
        deployed("other", 720, uid="u2"),
        removed("r1", 11 * DAY, uid="u1"),
        removed("r2", 14 * DAY, uid="u2"),
    )

    assert answers.metric(FREQUENCY)["covered_days"] == 14


def test_one_that_was_deployed_again_is_covered_all_the_time(report: Report) -> None:
    answers = report(
        deployed("d1", 720),
        removed("r1", 2 * DAY),
        deployed("d2", 20 * DAY),
    )

    assert answers.metric(FREQUENCY)["covered_days"] == 28


def test_before_anything_was_known_there_is_no_frequency(report: Report) -> None:
    answers = report(deployed("d1", 30 * DAY))

    assert parts(answers, FREQUENCY, "value", "count", "covered_from", "reason") == (
        None,
        0,
        None,
        "nothing is known of this time",
    )


def test_the_span_before_is_covered_by_the_same_rule(report: Report) -> None:
    answers = report(deployed("d1", -7 * DAY), deployed("d2", 1), deployed("d3", 2))

    group = answers.metric(FREQUENCY, compare="previous")
    assert group["previous"]["value"] == 1 / 7
    assert group["previous"]["change"] == 2 / 28 - 1 / 7
    assert answers.metric(FREQUENCY, **{"from": "2026-02-02", "to": "2026-03-02"})["value"] == 0


def test_what_was_never_deployed_there_has_no_frequency(report: Report) -> None:
    answers = report(deployed("d1", 1, environment="staging"))

    assert parts(answers, FREQUENCY, "value", "level", "frequency", "reason") == (
        None,
        None,
        None,
        "never deployed in the environments asked about",
    )
    assert answers.metric(FREQUENCY, tier="staging")["value"] == 1 / 28


# 21 and 22: the word and the level.


@pytest.mark.parametrize(
    ("days", "word", "level"),
    [
        (1, "daily or more", "elite"),
        (7, "weekly", "high"),
        (14, "monthly", "medium"),
        (28, "monthly", "medium"),
    ],
)
def test_the_word_and_the_level_come_from_the_value(
    report: Report, days: int, word: str, level: str
) -> None:
    answers = report(*every(days, 28))

    assert parts(answers, FREQUENCY, "frequency", "level") == (word, level)
    [tutorial] = answers.ask("/deploy-frequency")
    assert tutorial == {"DeployName": "shop", "Deployments": 28 // days, "Frequency": word}


def test_a_deployment_in_five_weeks_is_less_than_monthly(report: Report) -> None:
    answers = report(deployed("d1", 1))

    assert parts(answers, FREQUENCY, "frequency", "level", to="2026-02-09") == ("less", "low")


def test_of_fewer_than_seven_covered_days_there_is_a_word_and_no_level(report: Report) -> None:
    answers = report(*(deployed(f"d{day}", day * DAY) for day in range(22, 28)))

    assert parts(answers, FREQUENCY, "frequency", "level", "report_year", "reason") == (
        "daily or more",
        None,
        None,
        "a level takes at least 7 covered days, there are 6",
    )


@pytest.mark.parametrize(("count", "level"), [(4, None), (5, "elite")])
def test_of_fewer_than_five_changes_or_deployments_there_is_no_level(
    report: Report, count: int, level: str | None
) -> None:
    answers = report(
        *(merged(f"c{n}", n * DAY, (f"c{n}", n * DAY - 60)) for n in range(count)),
        *(deployed(f"d{n}", n * DAY + 60, commit=f"c{n}") for n in range(count)),
        incident("detected", 1, service="cart"),
    )

    for metric, counted in ((LEAD_TIME, "changes"), (FAILURES, "deployments")):
        reason = None if level else f"a level takes at least 5 {counted}, there are 4"
        assert parts(answers, metric, "count", "level", "reason") == (count, level, reason)


@pytest.mark.parametrize(
    ("metric", "value", "level"),
    [
        (FREQUENCY, 1, "elite"),
        (FREQUENCY, 1 / 7, "high"),
        (FREQUENCY, 1 / 30, "medium"),
        (LEAD_TIME, 24 * 3600, "high"),
        (LEAD_TIME, 7 * 24 * 3600, "medium"),
        (LEAD_TIME, 30 * 24 * 3600, "low"),
        (FAILURES, 0.05, "elite"),
        (FAILURES, 0.10, "high"),
        (FAILURES, 0.15, "medium"),
        (RECOVERY, 3600, "high"),
        (RECOVERY, 24 * 3600, "medium"),
        (RECOVERY, 7 * 24 * 3600, "low"),
    ],
)
def test_a_value_at_the_bound_of_a_level(
    database: Database, metric: str, value: float, level: str
) -> None:
    found = database.rows(
        "select level from performance_level(:metric, :value)", metric=metric, value=value
    )

    assert found == [[level]]


def test_how_many_it_takes_is_a_setting(report: Report, database: Database) -> None:
    answers = report(merged("c1", 1), deployed("d1", 2, commit="c1"))
    database.rows("update metric_settings set level_count = 1")

    level = answers.metric(LEAD_TIME)["level"]
    database.rows("update metric_settings set level_count = default")

    assert level == "elite"


def test_there_is_no_level_where_most_deployments_are_unlinked(report: Report) -> None:
    answers = report(
        *(merged(f"c{n}", n) for n in range(5)),
        *(deployed(f"d{n}", n + 10, commit=f"c{n}") for n in range(5)),
        *(deployed(f"u{n}", n + 20) for n in range(6)),
    )

    assert parts(answers, LEAD_TIME, "count", "value", "unlinked", "level", "reason") == (
        5,
        600,
        6,
        None,
        "no level, for unlinked is 6: more than half of 11",
    )


def test_the_rework_rate_has_no_levels_and_needs_no_reason(report: Report) -> None:
    answers = report(deployed("d1", 1), incident("detected", 2))

    assert parts(answers, REWORK, "value", "level", "reason") == (0, None, None)


# 23: buckets.


def buckets(answers: Answers, metric: str, **asked: Any) -> list[tuple[Any, ...]]:
    [group] = answers.ask(f"/metrics/{metric}", **asked)["groups"]
    return [(each["time"], each["value"], each["partial"]) for each in group["buckets"]]


def test_a_bucket_that_the_span_or_the_covered_time_cuts_is_partial(report: Report) -> None:
    answers = report(deployed("d1", 9 * DAY), deployed("d2", 15 * DAY), deployed("d3", 22 * DAY))

    assert buckets(answers, FREQUENCY, to="2026-01-29") == [
        ("2026-01-05T00:00:00Z", None, True),
        ("2026-01-12T00:00:00Z", 1 / 5, True),
        ("2026-01-19T00:00:00Z", 1 / 7, False),
        ("2026-01-26T00:00:00Z", 1 / 3, True),
    ]


def test_a_bucket_of_less_than_a_covered_day_has_no_frequency(report: Report) -> None:
    answers = report(deployed("d1", 1), deployed("d2", 7 * DAY + 1))

    assert buckets(answers, FREQUENCY, to="2026-01-12T12:00:00Z") == [
        ("2026-01-05T00:00:00Z", 1 / 7, False),
        ("2026-01-12T00:00:00Z", None, True),
    ]


def test_buckets_begin_at_midnight_of_the_time_zone_also_when_clocks_change(report: Report) -> None:
    # Berlin's clocks went forward on 29 March.
    answers = report(deployed("d1", 83 * DAY + 22 * 60 + 30))  # 29 March, half past midnight

    asked = {"from": "2026-03-28", "to": "2026-03-31", "timezone": "Europe/Berlin", "bucket": "day"}
    [group] = answers.ask(f"/metrics/{LEAD_TIME}", **asked)["groups"]
    assert [each["time"] for each in group["buckets"]] == [
        "2026-03-27T23:00:00Z",
        "2026-03-28T23:00:00Z",
        "2026-03-29T22:00:00Z",
    ]


def test_a_quarter_is_a_bucket_too(report: Report) -> None:
    answers = report(deployed("d1", 1))

    asked = {"from": "2026-02-15", "to": "2026-07-02", "bucket": "quarter"}
    assert [start[:10] for start, _, _ in buckets(answers, FREQUENCY, **asked)] == [
        "2026-01-01",
        "2026-04-01",
        "2026-07-01",
    ]


# 24: what qualifies a number.


def test_deployments_of_unknown_tier_are_left_out_and_counted(report: Report) -> None:
    answers = report(
        deployed("d1", 1),
        deployed("d2", 2, environment="blue"),
        deployed("d3", 3, environment="green", service="cart"),
        deployed("d4", 40 * DAY, environment="blue"),
    )
    left_out = {"deployments": 2, "environments": ["blue", "green"]}

    for path in (f"/metrics/{FREQUENCY}", "/summary", "/deployments", "/changes"):
        assert answers.ask(path)["unknown_tier"] == left_out
    assert answers.ask("/summary", service="cart")["unknown_tier"] == {
        "deployments": 1,
        "environments": ["green"],
    }
    assert answers.ask("/summary", environment="blue")["unknown_tier"]["deployments"] == 0


def test_an_incident_that_belongs_nowhere_is_unattributed(report: Report) -> None:
    answers = report(
        deployed("d1", 100),
        incident("detected", 1, subject="early"),
        incident("detected", 1, subject="other", service="nobody"),
        incident("detected", 1, subject="nameless", service=None),
        incident("detected", 40 * DAY, subject="later", service="nobody"),
    )

    for metric in (FAILURES, RECOVERY, REWORK):
        assert answers.metric(metric)["unattributed"] == 3
        assert answers.metric(metric, service="shop")["unattributed"] == 1


# One truth, whoever is asked.


def test_failed_is_one_number_in_every_answer(report: Report) -> None:
    answers = report(
        *(deployed(f"d{n}", n * DAY) for n in range(6)),
        incident("detected", 10, subject="i0"),
        incident("resolved", 20, subject="i0"),
        incident("detected", 2 * DAY + 10, subject="i1"),
        deployed("back", 5 * DAY + 30, artifact="pkg:oci/shop?tag=d4"),
    )

    failed = answers.metric(FAILURES)["failed"]
    recovery = answers.metric(RECOVERY)

    assert failed == 3
    assert recovery["count"] + recovery["open"] == failed
    assert len(answers.ids("is_failed")) == failed


def test_the_summary_says_what_the_metrics_say(report: Report) -> None:
    answers = report(
        *(merged(f"c{n}", n * DAY) for n in range(6)),
        *(deployed(f"d{n}", n * DAY + 60, commit=f"c{n}") for n in range(6)),
        incident("detected", 100),
        deployed("cart-1", 5, service="cart"),
    )

    for each in answers.ask("/summary")["services"]:
        for metric, summarised in each["metrics"].items():
            group = answers.metric(metric, service=each["service"], compare="previous")
            assert summarised == {
                "unit": summarised["unit"],
                **{name: part for name, part in group.items() if name != "buckets"},
            }


def test_csv_says_what_json_says(report: Report, function: Functions) -> None:
    answers = report(deployed("d1", 1), incident("detected", 2))

    text = function("metrics-endpoint").get("/summary", **FOUR_WEEKS, format="csv").text

    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(text))}
    [service] = answers.ask("/summary")["services"]
    for metric, group in service["metrics"].items():
        assert rows[metric]["value"] == ("" if group["value"] is None else str(group["value"]))
        assert rows[metric]["covered_from"] == group["covered_from"]
        assert rows[metric]["reason"] == (group["reason"] or "")
