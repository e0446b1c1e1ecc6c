"""Corners that generated histories found (test_agreement.py), each by its rule.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dora.cdevents.corrections import correction
from tests.conftest import Database
from tests.metrics.conftest import Answers, Report
from tests.metrics.happenings import (
    DAY,
    Event,
    deployed,
    incident,
    merged,
    packaged,
    removed,
    time_of,
)

FREQUENCY, LEAD_TIME = "deployment-frequency", "lead-time-for-changes"
V1 = "pkg:oci/shop?tag=1"


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def test_4_a_tier_that_comes_with_an_assumed_environment_says_nothing(report: Report) -> None:
    answers = report(
        deployed("d1", 1, environment="blue", tier="production", assumedEnvironment=True),
        deployed("d2", 2, environment="blue"),
    )

    assert answers.rows("deployments", "id", tier="production") == [("d1",)]


def test_4_nor_does_it_where_an_alias_says_of_which_environment_the_event_is(
    report: Report, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {aliases: [{name: api, environment: blue}]}}")

    answers = report(deployed("d1", 1, service="api", tier="staging", assumedEnvironment=True))

    assert answers.ask(f"/metrics/{FREQUENCY}")["unknown_tier"]["deployments"] == 1


def test_6_an_assumed_environment_is_at_the_target_of_the_default_one(
    report: Report, catalog: Path
) -> None:
    catalog.write_text("default_environment: staging")

    answers = report(
        deployed("d1", 1, artifact=V1, assumedEnvironment=True),
        deployed("d2", 2, environment="staging"),
        deployed("d3", 3, artifact=V1, environment="staging"),
    )

    assert answers.rows("deployments", "id", "is_rollback", tier="staging") == [
        ("d1", False),
        ("d2", False),
        ("d3", True),
    ]


def test_9_what_two_tools_report_at_one_time_is_one_deployment_and_known(report: Report) -> None:
    answers = report(
        deployed("d1", 1, artifact=V1),
        deployed("u1-1", 1, artifact=V1, uid="u1", source="/tests/2"),
    )

    assert answers.metric(FREQUENCY)["count"] == 1
    assert answers.rows("deployments", "id") == [("d1",)]


def test_13_an_assumed_environment_is_one_of_the_defaults_tier(
    report: Report, catalog: Path
) -> None:
    catalog.write_text("default_environment: staging")

    answers = report(
        deployed("d1", 1, environment="eu-staging"),
        deployed("d2", 2, environment="production"),
        incident("detected", 3, assumedEnvironment=True),
    )

    assert answers.rows("incidents", "deployment", tier="staging") == [("d1",)]


def test_20_time_is_covered_since_a_corrected_event_names_a_service(report: Report) -> None:
    answers = report(
        deployed("d1", DAY, service="nobody"),
        correction(
            {"deployment": {"id": "d1"}, "service": "shop", "by": "a", "because": "b"}, time_of(9)
        ).data,
    )

    group = answers.metric(FREQUENCY, service="shop")
    assert (group["count"], group["covered_from"]) == (1, "2026-01-06T00:00:00Z")


def test_27_a_stage_that_took_no_time_is_known(report: Report) -> None:
    answers = report(merged("c1", 1), deployed("d1", 1, commit="c1"))

    assert answers.metric(LEAD_TIME)["merged_to_deployed"] == 0


def test_18_what_a_deployment_ships_that_does_not_count_is_in_no_number(report: Report) -> None:
    answers = report(
        merged("c1", 1),
        deployed("d1", 10, commit="c1"),
        deployed("d2", 20),
        correction(
            {"deployment": {"id": "d1"}, "counts": False, "by": "a", "because": "b"}, time_of(9)
        ).data,
    )

    group = answers.metric(LEAD_TIME)
    assert (group["count"], group["deployments_count"], group["unlinked"]) == (0, 1, 1)
    assert answers.ask("/changes")["changes"] == []


def test_2_a_deployment_is_of_the_first_of_its_names_that_is_an_alias(
    report: Report, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {aliases: [P1]}}")

    answers = report(deployed("d1", 1, service="workflow", serviceNames=["unknown", "P1"]))

    assert answers.rows("deployments", "service", "id") == [("shop", "d1")]
    group = answers.metric(FREQUENCY, service="shop")
    assert (group["count"], group["covered_from"]) == (1, "2026-01-05T00:00:00Z")


def test_14_a_target_that_joins_one_rollback_twice_takes_back_what_it_ran_before_each_time(
    report: Report,
) -> None:
    at_cluster = {"uid": "u1", "source": "/cluster"}
    answers = report(
        deployed("c1", 1, artifact="pkg:oci/shop?tag=2", **at_cluster),
        deployed("d1", 2, artifact="pkg:oci/shop?tag=3"),
        deployed("c2", 2 * DAY, kind="rolledback", artifact=V1, **at_cluster),
        deployed("c3", 4 * DAY, artifact="pkg:oci/shop?tag=3", **at_cluster),
        deployed("c4", 6 * DAY, artifact=V1, **at_cluster),
    )

    assert answers.ids("is_rollback") == ["c2"]
    assert answers.ids("is_failed") == ["c1", "d1"]


def test_12_of_two_of_an_alert_at_one_time_the_one_with_the_smaller_id_goes_on(
    report: Report,
) -> None:
    answers = report(
        incident("detected", 1, id="first", subject="2", alert="a"),
        incident("detected", 1, id="second", subject="1", alert="a"),
    )

    assert answers.rows("incidents", "id") == [("1",)]


def test_12_what_fires_again_just_after_its_alert_was_resolved_is_open(report: Report) -> None:
    answers = report(
        incident("detected", 1, subject="1", alert="a"),
        incident("resolved", 10, subject="1", alert="a"),
        incident("detected", 13, subject="2", alert="a"),
    )

    assert answers.rows("incidents", "id", "resolved_at") == [
        ("1", "2026-01-05T00:10:00Z"),
        ("2", None),
    ]


def test_25_of_two_that_say_what_an_image_was_built_from_the_nearest_holds(report: Report) -> None:
    image = f"pkg:oci/shop@sha256:{'a' * 64}"
    shop = "https://github.com/acme/shop"
    answers = report(
        packaged(image, "b1", 1, repository=shop),
        packaged(image, "a1", 2),
        merged("a1", 3, "b1", "a1", repository=shop),
        deployed("d1", 4, artifact=image),
    )

    assert answers.rows("deployments", "commits") == [([f"{shop} a1"],)]


def test_7_a_commit_of_an_unknown_repository_alone_is_compared_with_those_of_all(
    report: Report,
) -> None:
    answers = report(
        merged("a1", 0, "a1", repository="https://github.com/acme/mono"),
        packaged("pkg:oci/shop?tag=2", "b1"),
        deployed("d1", 1, commit="a1", artifact="pkg:oci/shop?tag=2"),
        deployed("d2", 2, commit="a1", artifact=V1, repository="https://github.com/acme/shop"),
        deployed("d3", 3, commit="b1", artifact=V1, repository="https://github.com/acme/shop"),
    )

    assert answers.rows("deployments", "id", "is_rollback") == [
        ("d1", False),
        ("d2", False),
        ("d3", True),
    ]


def test_5_a_number_that_comes_late_joins_what_a_repository_was_called(report: Report) -> None:
    shop, store = (f"https://github.com/acme/{name}" for name in ("shop", "store"))
    report(
        deployed("d1", 1, repository=store, commit="a1"),
        deployed("d2", 2, repository=shop, commit="a1", artifact=V1),
    )
    answers = report(
        merged("b1", 0, repository=shop, repositoryId="1"),
        merged("b2", 3, repository=store, repositoryId="1"),
    )

    assert answers.rows("deployments", "id", "commits") == [("d1", [f"{shop} a1"])]


def test_5_a_number_that_an_earlier_report_takes_back_parts_repositories(report: Report) -> None:
    shop, store = (f"https://github.com/acme/{name}" for name in ("shop", "store"))
    report(
        deployed("d1", 1, repository=store, commit="a1"),
        deployed("d2", 2, repository=shop, commit="a1", artifact=V1),
        merged("b1", 0, repository=shop, repositoryId="1"),
        merged("b2", 3, id="push", repository=store, repositoryId="1"),
    )
    answers = report(merged("b2", 2, id="push", repository=store))

    assert answers.rows("deployments", "id", "commits") == [
        ("d1", [f"{store} a1"]),
        ("d2", [f"{shop} a1"]),
    ]


def test_26_commits_beside_a_version_are_of_its_known_repositories(report: Report) -> None:
    image = "pkg:oci/shop?tag=1"
    shop = "https://github.com/acme/shop"
    answers = report(
        merged("a1", 0, repository=shop),
        merged("b1", 0, repository="https://github.com/acme/mono"),
        packaged(image, "a1", 0, repository=shop),
        deployed("d1", 1, artifact=image, commit="unknown", commits=[{"sha": "b1"}]),
    )

    assert answers.rows("changes", "sha") == [("a1",)]


@pytest.mark.parametrize(("listed", "shipped"), [(None, "a1"), ([{"sha": "b1"}], "b1")])
def test_26_the_first_deployment_of_a_merge_ships_the_nearest_change_that_does_not_contradict_it(
    report: Report, listed: Any, shipped: str
) -> None:
    answers = report(
        deployed("d1", 10, commit="m1", commits=listed),
        merged("m1", 30, ("a1", 5), ("b1", 20), ("m1", 20)),
        merged("7", 30, "m1", head="b1"),
    )

    assert answers.rows("changes", "sha") == [(shipped,)]


def test_12_the_service_of_an_incident_is_that_of_its_first_event_of_which_one_is_known(
    report: Report,
) -> None:
    answers = report(
        deployed("d1", 0),
        incident("detected", 1, service=None, serviceNames=["nobody knows"]),
        incident("resolved", 2),
    )

    assert answers.rows("incidents", "service") == [("shop",)]


def test_19_an_incident_that_names_no_service_is_evidence_for_that_of_its_deployment(
    report: Report, catalog: Path
) -> None:
    catalog.write_text("services: {shop: {team: storefront}}")

    answers = report(deployed("d1", 0), incident("detected", 1, service=None, deployment="d1"))

    group = answers.metric("change-failure-rate")
    assert (group["value"], group["basis"]) == (1, ["incidents", "rollbacks"])


def test_18_a_number_stays_that_of_the_repository_that_the_event_itself_names(
    report: Report,
) -> None:
    shop, old, mono = (f"https://github.com/acme/{name}" for name in ("shop", "old", "mono"))
    answers = report(
        merged("a1", 0, repository=old, repositoryId="1"),
        deployed("d1", 1, repository=shop, repositoryId="1", commit="a2"),
        deployed("d2", 2, repository=shop, commit="a1", artifact=V1),
        correction(
            {"deployment": {"id": "d1"}, "repository": mono, "by": "a", "because": "b"}, time_of(9)
        ).data,
    )

    assert answers.rows("deployments", "id", "commits") == [
        ("d1", [f"{mono} a2"]),
        ("d2", [f"{old} a1"]),
    ]


def test_28_a_change_of_two_environments_is_in_the_bucket_of_the_first_that_shipped_it(
    report: Report,
) -> None:
    answers = report(
        merged("a1", 0),
        deployed("d1", 1, environment="staging", commit="a1"),
        deployed("d2", 7 * DAY, commit="a1"),
    )

    asked = {"tier": ["production", "staging"], "bucket": "week"}
    [group] = answers.ask(f"/metrics/{LEAD_TIME}", **asked)["groups"]
    assert [bucket["count"] for bucket in group["buckets"]] == [1, 0, 0, 0]


def test_28_a_gap_counts_with_the_first_deployment_that_its_commits_do_not_contradict(
    report: Report,
) -> None:
    answers = report(
        deployed("d1", 1, commit="a1"),
        merged("b1", 100, ("b1", 90), before="unknown"),
        merged("a1", 110, ("a1", 100)),
        merged("c1", 120, before="a1"),
        deployed("d2", 200, commit="c1"),
    )

    group = answers.metric(LEAD_TIME)
    assert group["gaps"] == 1
    assert sorted(answers.rows("changes", "sha", "deployment")) == [
        ("a1", "d1"),
        ("b1", "d2"),
        ("c1", "d2"),
    ]


def test_19_an_incident_that_names_the_demo_is_evidence_for_what_it_belongs_to(
    report: Report, catalog: Path
) -> None:
    catalog.write_text("services: {demo-shop: {team: demo-storefront}}")

    answers = report(
        deployed("d1", 0), incident("detected", 1, service="demo-shop", deployment="d1")
    )

    group = answers.metric("change-failure-rate", service="shop")
    assert (group["value"], group["basis"]) == (1, ["incidents", "rollbacks"])


def test_4_a_tier_is_forgotten_with_the_report_that_an_earlier_one_replaces(report: Report) -> None:
    report(
        deployed("d1", 1),
        deployed("d2", 20, environment="production", tier="staging", kind="upgraded"),
    )

    answers = report(deployed("d2", 10, environment="blue"))

    assert answers.rows("deployments", "id") == [("d1",)]


def test_27_a_merge_commit_that_is_no_change_contradicts_nothing(report: Report) -> None:
    answers = report(
        deployed("d1", 1, commit="a1"),
        deployed("d2", 2, commit="b1"),
        merged("b1", 100, "a1", ("m1", 90), ("b1", 95)),
        merged("7", 100, "m1", head="a1"),
    )

    assert answers.metric(LEAD_TIME)["contradictions"] == 0


def test_2_a_team_is_that_of_the_latest_event_that_has_one(report: Report) -> None:
    answers = report(
        deployed("d1", 1, team="storefront"),
        deployed("d2", 2, team="checkout", source="/another"),
    )

    counts = [answers.metric(FREQUENCY, team=team)["count"] for team in ("storefront", "checkout")]
    assert counts == [0, 2]


def test_26_the_first_deployment_of_a_merge_ships_nothing_that_is_only_listed(
    report: Report,
) -> None:
    answers = report(
        merged("m1", 0),
        merged("7", 1, "m1", head="a1"),
        merged("m1", 2, "a1", "m1", id="again"),
        merged("x1", 3, branch="side"),
        deployed("d1", 10, commit="m1", commits=[{"sha": "x1"}]),
    )

    assert answers.rows("changes", "sha") == []


def in_its_order(report: Report, *events: Event) -> Answers:
    return report(*events)


def one_by_one_backwards(report: Report, *events: Event) -> Answers:
    return [report(event) for event in reversed(events)][-1]


each_arrival = pytest.mark.parametrize("arrive", [in_its_order, one_by_one_backwards])


@each_arrival
def test_6_a_uid_that_was_continued_and_is_removed_again_is_not_continued_by_another(
    report: Report, arrive: Callable[..., Answers]
) -> None:
    answers = arrive(
        report,
        removed("u3-gone", 1, uid="u3"),
        deployed("u1-1", 2, artifact=V1, uid="u1"),
        deployed("u1-2", 3, uid="u1"),
        removed("u3-gone-again", 4, uid="u3"),
        deployed("u2-1", 5, artifact=V1, uid="u2"),
    )

    assert answers.rows("deployments", "id") == [("u1-1",), ("u1-2",)]


@each_arrival
def test_6_a_removed_uid_is_continued_although_the_one_before_it_is_heard_of_again(
    report: Report, arrive: Callable[..., Answers]
) -> None:
    answers = arrive(
        report,
        removed("u3-gone", 1, uid="u3"),
        deployed("u1-1", 2, artifact=V1, uid="u1"),
        deployed("u1-2", 3, uid="u1"),
        removed("u1-gone", 4, uid="u1"),
        deployed("u3-1", 5, artifact="pkg:oci/shop?tag=u1-2", uid="u3"),
        deployed("u2-1", 6, artifact=V1, uid="u2"),
    )

    assert answers.rows("deployments", "id", "is_rollback") == [
        ("u1-1", False),
        ("u1-2", False),
        ("u2-1", True),
    ]


def test_15_a_rollback_that_turns_out_to_be_earlier_ends_the_failure_earlier(
    report: Report,
) -> None:
    report(deployed("d1", 1, artifact=V1), deployed("d2", 2), deployed("back", 20, artifact=V1))

    answers = report(deployed("back", 10, artifact=V1))

    assert answers.rows("deployments", "id", "recovered_at")[1] == ("d2", time_of(10))


def test_17_a_deployment_that_turns_out_to_be_earlier_than_another_makes_rework_of_it(
    report: Report,
) -> None:
    report(
        *(deployed("d1", 1), deployed("d2", 15), deployed("d3", 20)),
        incident("detected", 12, deployment="d3"),
    )

    assert report(deployed("d3", 10)).ids("is_rework") == ["d2"]


def test_17_so_does_one_of_an_earlier_revision_at_the_same_time(report: Report) -> None:
    report(
        *(deployed("d1", 1), deployed("d2", 15, revision=5), deployed("d3", 15, revision=6)),
        incident("detected", 15, deployment="d3"),
    )

    # Of two reports of one time the longer one holds.
    assert report(deployed("d3", 15, revision=4, tier="production")).ids("is_rework") == ["d2"]


def test_18_a_removal_may_be_of_the_repository_that_a_correction_says(report: Report) -> None:
    mono = "https://github.com/acme/mono"
    answers = report(
        *(deployed("d1", 1), removed("gone", 2)),
        correction(
            {"deployment": {"id": "gone"}, "repository": mono, "by": "a", "because": "b"},
            time_of(3),
        ).data,
    )

    assert answers.metric(FREQUENCY, repository=mono)["count"] == 1
