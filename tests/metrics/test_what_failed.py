"""What failed, and when it was recovered: rules 12 to 17 of docs/metrics.md.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

from typing import Any, Literal

import pytest

from tests.conftest import Database
from tests.metrics.conftest import Answers, Report
from tests.metrics.happenings import DAY, Event, at, deployed, incident, time_of

FAILURES, RECOVERY = "change-failure-rate", "failed-deployment-recovery-time"
REWORK = "deployment-rework-rate"
HOUR, WEEK = 60, 7 * DAY
V1, V2, V3 = (f"pkg:oci/shop?tag={number}" for number in (1, 2, 3))
OPENINGS = "select begins_at, ends_at from incident_openings order by incident_id, begins_at"


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def named(digest: str | None = None, repository: str = "ghcr.io/acme/shop", **tag: str) -> str:
    """Return an image by its digest, its repository and its tag."""
    version = f"@sha256:{digest * 64}" if digest else ""
    qualifiers = {"repository_url": repository, **tag}
    return f"pkg:oci/shop{version}?{'&'.join(map('='.join, qualifiers.items()))}"


def failed(answers: Answers, **asked: Any) -> list[str]:
    """Return the ids of the deployments that failed, by all three that say so."""
    ids = answers.ids("is_failed")
    group = answers.metric(RECOVERY, tier=TIERS, **asked)
    assert answers.metric(FAILURES, tier=TIERS, **asked)["failed"] == group["count"] + group["open"]
    return ids


TIERS = ["production", "staging", "testing", "development"]


def reasons(answers: Answers) -> dict[str, tuple[str | None, str]]:
    """Return to which deployment each incident belongs, and why."""
    rows = answers.rows("incidents", "id", "deployment", "why", tier=TIERS)
    return {subject: (deployment, why) for subject, deployment, why in rows}


def belongs(answers: Answers) -> str | None:
    """Return to which deployment the only incident belongs."""
    [(deployment, _)] = reasons(answers).values()
    return deployment


def openings(database: Database) -> list[tuple[float, float | None]]:
    """Return from which minute to which an incident was open."""
    start = at(0)
    return [
        ((begin - start).total_seconds() / 60, end and (end - start).total_seconds() / 60)
        for begin, end in database.rows(OPENINGS)
    ]


# 12. Incidents.


@pytest.mark.parametrize(
    ("events", "open_times"),
    [
        ([("detected", 10)], [(10, None)]),
        ([("detected", 10), ("resolved", 20)], [(10, 20)]),
        ([("detected", 10), ("resolved", 20), ("detected", 30)], [(10, 20), (30, None)]),
        (
            [("detected", 10), ("resolved", 20), ("detected", 30), ("resolved", 40)],
            [(10, 20), (30, 40)],
        ),
        ([("reported", 10), ("detected", 15), ("resolved", 20)], [(10, 20)]),
        ([("detected", 10), ("resolved", 20), ("reported", 30)], [(10, 20)]),
        ([("detected", 10), ("detected", 15), ("resolved", 20)], [(10, 20)]),
        ([("detected", 10), ("resolved", 20), ("resolved", 30)], [(10, 20)]),
        ([("detected", 10), ("detected", 20), ("resolved", 20)], [(10, 20)]),
        ([("detected", 10), ("resolved", 10)], [(10, 10)]),
        ([("resolved", 5), ("detected", 10)], [(10, 10)]),
        ([("resolved", 4.9), ("detected", 10)], [(10, None)]),
        ([("resolved", 6), ("detected", 10), ("detected", 11)], [(10, 10), (11, None)]),
        ([("resolved", 6), ("reported", 10), ("resolved", 20)], [(10, 10)]),
        ([("resolved", 10)], []),
    ],
)
def test_an_incident_is_open_from_a_detection_to_the_next_resolution(
    report: Report,
    database: Database,
    events: list[tuple[str, float]],
    open_times: list[tuple[float, float | None]],
) -> None:
    happened = [incident(kind, minute) for kind, minute in events]
    for order in (happened, happened[::-1]):
        for event in order:
            report(event)

        assert openings(database) == open_times
        database.empty()


def test_an_incident_is_resolved_at_the_end_of_its_last_open_time(report: Report) -> None:
    answers = report(
        incident("detected", 10),
        incident("resolved", 20),
        incident("resolved", 25),
        incident("detected", 30),
        incident("resolved", 40),
        incident("resolved", 50),
    )

    assert answers.rows("incidents", "detected_at", "resolved_at") == [(time_of(10), time_of(40))]


def test_what_an_incident_is_of_is_what_the_earliest_event_tells_that_has_one(
    report: Report,
) -> None:
    answers = report(
        incident("detected", 10, service=None),
        incident("detected", 12, service="cart", description="later"),
        incident("resolved", 11, service="shop", description="first"),
        deployed("d1", 1),
        deployed("d2", 2, service="cart"),
    )

    assert answers.rows("incidents", "service", "deployment") == [("shop", "d1")]


def test_an_incident_that_became_part_of_another_is_none(
    report: Report, database: Database
) -> None:
    before = report(
        deployed("d1", 1), incident("detected", 10), incident("detected", 11, subject="2")
    )
    assert list(reasons(before)) == ["1", "2"]

    answers = report(incident("resolved", 15, mergedInto="2"))

    assert list(reasons(answers)) == ["2"]
    assert answers.rows("deployments", "incidents")[0][0][0]["id"] == "2"
    assert openings(database) == [(11, None)]


def test_the_same_id_of_two_sources_is_two_incidents(report: Report) -> None:
    answers = report(
        deployed("d1", 1),
        incident("detected", 10, source="/acme/shop"),
        incident("detected", 10, source="/acme/cart", service="cart"),
        incident("resolved", 20, source="/acme/cart"),
    )

    assert answers.rows("incidents", "source", "service", "deployment", "resolved_at") == [
        ("/acme/cart", "cart", None, time_of(20)),
        ("/acme/shop", "shop", "d1", None),
    ]


# 13. Which deployment an incident belongs to.


def test_the_deployment_that_it_names_goes_before_everything(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("other", 3, service="cart", artifact=V3),
        incident("detected", 10, deployment="other", artifact=V1),
    )

    assert reasons(answers) == {"1": ("other", "it names the deployment")}


def test_any_rollout_of_a_deployment_names_it(report: Report) -> None:
    answers = report(
        deployed("a1", 1, uid="a", source="/a", artifact=V1),
        deployed("b1", 2, uid="b", source="/b", artifact=V1),
        deployed("a2", 3, uid="a", source="/a", artifact=V2),
        incident("detected", 10, deployment="b1"),
    )

    assert belongs(answers) == "a1"


def test_a_name_goes_before_a_link_and_what_names_nothing_is_passed_over(report: Report) -> None:
    def link(deployment: str) -> Event:
        return {
            "linkType": "RELATION",
            "linkKind": "CAUSED_BY",
            "target": {"contextId": deployment},
        }

    deployments = [deployed("d1", 1, artifact=V1), deployed("d2", 2, artifact=V2)]

    named_and_linked = report(
        *deployments, incident("detected", 10, deployment="d1", links=[link("d2")])
    )
    assert belongs(named_and_linked) == "d1"
    linked_before = report(
        incident("detected", 10, subject="3", links=[link("d2")]),
        incident("resolved", 11, subject="3", deployment="d1"),
    )
    assert reasons(linked_before)["3"] == ("d1", "it names the deployment")
    passed_over = report(
        incident("resolved", 5, subject="2", links=[link("nobody"), link("d1")]),
        incident("detected", 10, subject="2", deployment="nothing"),
    )
    assert reasons(passed_over)["2"] == ("d1", "it names the deployment")


@pytest.mark.parametrize(
    ("artifact", "deployment", "why"),
    [
        (named("a", tag="9"), "by-digest", "it names the artifact, by its digest"),
        (named("f", tag="2"), "by-tag", "it names the artifact, by its repository and tag"),
        (named("f", tag="2", repository="docker.io/x"), "by-name", None),
        ("pkg:generic/shop@3", "by-name", "it names the artifact"),
    ],
)
def test_else_it_belongs_to_the_latest_of_the_artifact_that_it_names(
    report: Report, artifact: str, deployment: str, why: str | None
) -> None:
    answers = report(
        deployed("by-digest", 1, artifact=named("a", tag="1")),
        deployed("by-tag", 2, artifact=named(tag="2")),
        deployed("by-name", 3, artifact="pkg:generic/shop@3"),
        incident("detected", 10, artifact=artifact),
    )

    assert belongs(answers) == deployment
    assert why is None or reasons(answers)["1"][1] == why


def test_of_an_artifact_only_what_had_started_before_and_is_of_its_service(report: Report) -> None:
    deployments = [
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("d3", 9, artifact=V1),
        deployed("cart", 3, artifact=V1, service="cart"),
    ]

    assert belongs(report(*deployments, incident("detected", 5, artifact=V1))) == "d1"
    of_any = report(incident("detected", 5, artifact=V1, service=None, subject="2"))
    assert reasons(of_any)["2"][0] == "cart"
    at_the_same_time = report(incident("detected", 9, artifact=V1, subject="3"))
    assert reasons(at_the_same_time)["3"][0] == "d1"


def test_else_it_belongs_to_the_latest_of_its_service_that_had_started(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 20, artifact=V2, startedAt=time_of(10)),
        deployed("d3", 30, artifact=V3),
        incident("detected", 9, subject="before"),
        incident("detected", 10, subject="at"),
        incident("detected", 29, subject="after", artifact="pkg:oci/unknown"),
        incident("detected", 30, subject="same"),
    )

    assert {name: deployment for name, (deployment, _) in reasons(answers).items()} == {
        "before": "d1",
        "at": "d2",
        "after": "d2",
        "same": "d3",
    }


@pytest.mark.parametrize(("minute", "deployment"), [(WEEK + 1, "d1"), (WEEK + 1.1, None)])
def test_the_latest_may_be_seven_days_before_it(
    report: Report, minute: float, deployment: str | None
) -> None:
    answers = report(deployed("d1", 1), incident("detected", minute))

    assert belongs(answers) == deployment


def ringed(*times: float, **parts: Any) -> list[Event]:
    """Make V1 everywhere, then V2 at one ring after another at these minutes."""
    first = [deployed(f"v1-{ring}", 0, uid=str(ring), artifact=V1) for ring in range(len(times))]
    return first + [
        deployed(f"v2-{ring}", minute, uid=str(ring), artifact=V2, **parts)
        for ring, minute in enumerate(times)
    ]


@pytest.mark.parametrize(
    ("detected", "deployment"), [(8 * DAY, "v2-0"), (14 * DAY, "v2-0"), (16 * DAY, None)]
)
def test_a_later_rollout_of_it_may_be_within_the_seven_days(
    report: Report, detected: float, deployment: str | None
) -> None:
    answers = report(*ringed(DAY, 8 * DAY), incident("detected", detected))

    assert belongs(answers) == deployment


def test_a_rollout_that_comes_after_it_makes_an_old_deployment_no_younger(report: Report) -> None:
    assert belongs(report(*ringed(DAY, 20 * DAY), incident("detected", 12 * DAY))) is None

    started = report(
        deployed("v2-late", 13 * DAY, uid="9", artifact=V2, startedAt=time_of(11 * DAY))
    )

    assert belongs(started) == "v2-0"


@pytest.mark.parametrize(
    ("environment", "assumed", "deployment"),
    [
        ("production", None, "production"),
        ("staging", None, "staging"),
        ("prod", None, "prod-eu"),
        ("blue", None, "prod-eu"),
        ("staging", True, "prod-eu"),
        ("test", None, None),
    ],
)
def test_it_is_looked_for_in_its_environment_else_in_those_of_its_tier(
    report: Report, environment: str, assumed: Literal[True] | None, deployment: str | None
) -> None:
    answers = report(
        deployed("production", 1, environment="production"),
        deployed("prod-eu", 2, environment="prod-eu"),
        deployed("staging", 3, environment="staging"),
        incident("detected", 10, environment=environment, assumedEnvironment=assumed),
    )

    assert belongs(answers) == deployment


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"service": None}, "it names no service"),
        ({"service": "cart"}, "its service was never deployed"),
        (
            {"environment": "test"},
            "its service was never deployed to its environment, nor to one of the same tier",
        ),
        ({"minute": DAY - 1}, "no deployment of its service had begun when it was detected"),
        ({"minute": 9 * DAY}, "the latest deployment of its service was too long before it"),
    ],
)
def test_what_fits_no_rule_is_unattributed_and_says_why(
    report: Report, parts: dict[str, Any], why: str
) -> None:
    answers = report(
        deployed("d1", DAY), incident("detected", parts.pop("minute", DAY + 1), **parts)
    )

    assert reasons(answers) == {"1": (None, why)}
    assert failed(answers) == []


def test_a_deployment_that_comes_late_takes_an_incident_and_one_before_it_does_not(
    report: Report,
) -> None:
    report(deployed("d1", 1, artifact=V1), incident("detected", 30))

    assert belongs(report(deployed("d3", 40, artifact=V3))) == "d1"
    answers = report(deployed("d2", 20, artifact=V2))
    assert belongs(answers) == "d2"
    assert failed(answers) == ["d2"]


def test_the_first_deployment_to_its_own_environment_takes_an_incident_home(report: Report) -> None:
    before = report(deployed("d1", 1, environment="prod-eu"), incident("detected", 30))
    assert belongs(before) == "d1"

    after = report(deployed("d2", 0, artifact=V2, environment="production"))

    assert belongs(after) == "d2"


def test_a_tier_that_a_tool_tells_later_counts_for_the_past(report: Report) -> None:
    before = report(deployed("d1", 1, environment="blue"), incident("detected", 30))
    assert belongs(before) is None

    after = report(deployed("d2", 40, environment="blue", artifact=V2, tier="production"))

    assert belongs(after) == "d1"


# 14. Failed.


def test_a_rollback_fails_what_its_target_ran_before(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("d3", 3, artifact=V1),
    )

    assert failed(answers) == ["d2"]
    assert answers.rows("deployments", "id", "rolled_back_by")[1] == ("d2", "d3")
    group = answers.metric(FAILURES)
    assert (group["failed"], group["count"], group["value"]) == (1, 2, 0.5)


def test_going_back_twice_in_a_day_fails_the_first_alone(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("d3", 3, artifact=V3),
        deployed("back", 4, artifact=V2),
        deployed("further", 4 + DAY, artifact=V1),
    )

    assert failed(answers) == ["d3"]
    assert answers.rows("deployments", "id", "recovered_at")[2] == ("d3", time_of(4 + DAY))


def test_going_back_from_an_older_rollback_fails_the_deployment_that_it_went_back_to(
    report: Report,
) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("d3", 3, artifact=V3),
        deployed("back", 4, artifact=V2),
        deployed("further", 4.1 + DAY, artifact=V1),
    )

    assert failed(answers) == ["d2", "d3"]


def test_going_back_from_an_older_rollback_fails_no_deployment_that_came_after_it(
    report: Report,
) -> None:
    answers = report(
        *(deployed("a1", 1, uid="a", artifact=V1), deployed("a2", 2, uid="a", artifact=V2)),
        *(deployed("b1", 3, uid="b", artifact=V1), deployed("b2", 4, uid="b", artifact=V2)),
        deployed("a3", 5, uid="a", artifact=V3),
        deployed("a-back", 6, uid="a", artifact=V2),
        deployed("b-back", 7, uid="b", artifact=V1),
        deployed("b-again", 8, uid="b", artifact=V2),
        deployed("a-further", 6.1 + DAY, uid="a", artifact=V1),
    )

    assert failed(answers) == ["a2", "a3"]


def test_one_rollback_of_two_clusters_takes_back_what_each_ran(report: Report) -> None:
    answers = report(
        deployed("a1", 1, uid="a", source="/a", artifact=V1),
        deployed("b1", 2, uid="b", source="/b", artifact=V1),
        deployed("a2", 3, uid="a", source="/a", artifact=V2),
        deployed("b3", 4, uid="b", source="/b", artifact=V3),
        deployed("a-back", 5, uid="a", source="/a", artifact=V1),
        deployed("b-back", 6, uid="b", source="/b", artifact=V1),
        incident("detected", 7, deployment="b-back"),
    )

    assert belongs(answers) == "a-back"
    assert failed(answers) == ["a2", "b3"]
    assert {
        len(incidents) for _, incidents in answers.rows("deployments", "id", "incidents")[1:3]
    } == {1}


def test_an_incident_of_a_rollback_is_one_of_what_it_took_back(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2),
        deployed("back", 3, artifact=V1),
        incident("detected", 4),
    )

    assert belongs(answers) == "back"
    assert failed(answers) == ["d2"]
    assert answers.metric(REWORK)["rework"] == 1


def test_two_incidents_of_one_deployment_are_one_failure(report: Report) -> None:
    answers = report(
        deployed("d1", 1), incident("detected", 2), incident("detected", 3, subject="2")
    )

    assert failed(answers) == ["d1"]
    assert [each["id"] for each in answers.rows("deployments", "incidents")[0][0]] == ["1", "2"]


def test_a_rollback_of_a_staging_environment_fails_nothing_in_production(report: Report) -> None:
    answers = report(
        *(deployed(f"p{version[-1]}", 1, artifact=version) for version in (V1,)),
        deployed("s1", 1, artifact=V1, environment="staging"),
        deployed("s2", 2, artifact=V2, environment="staging"),
        deployed("s-back", 3, artifact=V1, environment="staging"),
    )

    assert answers.metric(FAILURES, tier="staging")["failed"] == 1
    assert answers.ids("is_failed") == []


def test_a_failure_counts_in_the_week_of_its_deployment(report: Report) -> None:
    answers = report(deployed("d1", WEEK - 1), incident("detected", WEEK + 1))

    [group] = answers.ask(f"/metrics/{FAILURES}")["groups"]
    assert [bucket["value"] for bucket in group["buckets"]] == [1, None, None, None]


# 15 and 16. Recovered.


def recovery(answers: Answers) -> tuple[float | None, int, int]:
    group = answers.metric(RECOVERY)
    return group["value"], group["count"], group["open"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([incident("detected", 10)], (None, 0, 1)),
        ([incident("detected", 10), incident("resolved", 32)], (1800, 1, 0)),
        ([incident("detected", 10), deployed("back", 12, artifact=V1)], (600, 1, 0)),
        (
            [incident("detected", 10), incident("resolved", 7), deployed("back", 12, artifact=V1)],
            (480, 1, 0),
        ),
        (
            [
                *(incident("detected", 10), incident("resolved", 11)),
                *(incident("detected", 20), incident("resolved", 62)),
            ],
            (3600, 1, 0),
        ),
        (
            [
                *(incident("detected", 10), incident("resolved", 11)),
                incident("detected", 10, subject="2"),
            ],
            (None, 0, 1),
        ),
        (
            [
                *(incident("detected", 10), incident("resolved", 11)),
                *(incident("detected", 10, subject="2"), incident("resolved", 32, subject="2")),
            ],
            (1800, 1, 0),
        ),
        (
            [incident("detected", 10), incident("resolved", 11), incident("detected", 12)],
            (None, 0, 1),
        ),
        (
            [
                *(incident("detected", 10), incident("resolved", 11)),
                deployed("back", 32, artifact=V1),
                incident("detected", 40, subject="of the rollback"),
            ],
            (1800, 1, 0),
        ),
    ],
)
def test_recovered_when_all_its_incidents_are_resolved_or_it_was_taken_back(
    report: Report, events: list[Event], expected: tuple[float | None, int, int]
) -> None:
    answers = report(deployed("d1", 1, artifact=V1), deployed("d2", 2, artifact=V2), *events)

    assert failed(answers) == ["d2"]
    assert recovery(answers) == expected


def test_what_is_resolved_before_it_was_deployed_took_no_time(report: Report) -> None:
    answers = report(
        deployed("d1", 20, startedAt=time_of(5)), incident("detected", 10), incident("resolved", 12)
    )

    assert recovery(answers) == (0, 1, 0)


def test_time_to_restore_is_of_the_incidents_themselves(report: Report) -> None:
    answers = report(
        deployed("d1", 1),
        deployed("s1", 1, environment="staging"),
        incident("detected", 10),
        incident("resolved", 20),
        incident("detected", 10, subject="2", environment="staging"),
        incident("detected", 10, subject="3", service="nobody", environment="staging"),
    )

    group = answers.metric(RECOVERY)
    assert (group["time_to_restore"], group["open_incidents"]) == (600, 1)
    assert answers.metric(RECOVERY, service="shop")["open_incidents"] == 0
    assert answers.metric(RECOVERY, tier="staging", service="shop")["open_incidents"] == 1


# 17. Rework.

OPEN_TWICE = [
    deployed("d1", 1, artifact=V1),
    incident("detected", 10, deployment="d1"),
    incident("resolved", 30),
    incident("detected", 40),
]


def reworked(answers: Answers) -> list[str]:
    """Return the ids of the deployments that are rework, which are as many as the metric says."""
    ids = answers.ids("is_rework")
    assert answers.metric(REWORK)["rework"] == len(ids)
    return ids


def test_rollbacks_and_unplanned_deployments_are_rework(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("d2", 2, artifact=V2, unplanned=True),
        deployed("back", 3, artifact=V1),
        deployed("d3", 4, artifact=V3),
    )

    assert reworked(answers) == ["d2", "back"]


@pytest.mark.parametrize("minute", [10, 30, 40, DAY + 40])
def test_what_is_deployed_while_an_incident_is_open_is_rework_for_a_day(
    report: Report, minute: float
) -> None:
    assert reworked(report(*OPEN_TWICE, deployed("d2", minute, artifact=V2))) == ["d2"]


@pytest.mark.parametrize("minute", [9, 30.1, 39.9, DAY + 40.1])
def test_what_is_deployed_before_between_or_more_than_a_day_after_it_opened_is_none(
    report: Report, minute: float
) -> None:
    assert reworked(report(*OPEN_TWICE, deployed("d2", minute, artifact=V2))) == []


def test_neither_the_failed_deployment_nor_another_service_nor_environment_is_rework(
    report: Report,
) -> None:
    answers = report(
        deployed("d1", 10, artifact=V1, startedAt=time_of(1)),
        incident("detected", 5),
        deployed("cart", 20, service="cart"),
        deployed("eu", 20, environment="prod-eu"),
    )

    assert belongs(answers) == "d1"
    assert reworked(answers) == []


def test_an_incident_makes_rework_where_the_deployment_is_that_it_belongs_to(
    report: Report,
) -> None:
    answers = report(
        deployed("c1", 1, service="cart", artifact=V1),
        deployed("d1", 1, artifact=V1),
        incident("detected", 10, deployment="c1"),
        deployed("c2", 20, service="cart", artifact=V2),
        deployed("d2", 20, artifact=V2),
    )

    assert reworked(answers) == ["c2"]


def test_a_deployment_is_rework_no_more_once_the_incident_turns_out_to_have_ended(
    report: Report,
) -> None:
    report(deployed("d1", 1, artifact=V1), incident("detected", 10))
    assert reworked(report(deployed("d2", 20, artifact=V2))) == ["d2"]

    assert reworked(report(incident("resolved", 15))) == []


def test_an_incident_that_moves_to_another_deployment_makes_rework_there(report: Report) -> None:
    report(
        deployed("d1", 1, artifact=V1),
        deployed("c1", 1, service="cart", artifact=V1),
        deployed("d2", 20, artifact=V2),
        deployed("c2", 20, service="cart", artifact=V2),
    )
    assert reworked(report(incident("detected", 10))) == ["d2"]

    assert reworked(report(incident("reported", 11, deployment="c1"))) == ["c2"]


@pytest.mark.parametrize(
    ("setting", "value"), [("incident_window", "1 hour"), ("rework_window", "1 hour")]
)
def test_both_windows_are_settings(
    report: Report, database: Database, setting: str, value: str
) -> None:
    database.rows(f"update metric_settings set {setting} = '{value}'")
    try:
        answers = report(
            deployed("d1", 1, artifact=V1),
            incident("detected", 62, deployment=None if setting == "incident_window" else "d1"),
            deployed("d2", 123, artifact=V2),
        )

        assert (belongs(answers) is None) == (setting == "incident_window")
        assert reworked(answers) == []
    finally:
        database.rows(f"update metric_settings set {setting} = default")
