"""Every sentence of the words in docs/metrics.md, of the reference that the SQL is compared with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from dora.cdevents.schemas import problem
from tests.metrics import reference
from tests.metrics.happenings import (
    DAY,
    Event,
    at,
    deployed,
    incident,
    merged,
    packaged,
    published,
    revision,
)
from tests.metrics.histories import histories, spans
from tests.metrics.reference import Asked, Incident

V1, V2, V3 = (f"pkg:oci/shop?tag={number}" for number in (1, 2, 3))
DIGEST = f"sha256:{'a' * 64}"
SHOP = "repository_url=ghcr.io/acme/shop"
OLD, NEW = (f"pkg:oci/shop@sha256:{digit * 64}" for digit in "ab")
LATEST = f"?{SHOP}&tag=latest"
ALL = Asked(start=at(0), end=at(30 * DAY))


def ids(events: list[Event]) -> list[str]:
    return [one.id for one in reference.deployments(events)]


def rollbacks(events: list[Event]) -> list[str]:
    return [one.id for one in reference.deployments(events) if one.is_rollback]


def names(events: list[Event]) -> dict[str, str]:
    """Give the id of the change that each deployment names."""
    return {key[1]: change.sha for key, change in reference.named(events).items()}


def ships(events: list[Event]) -> list[tuple[str, str]]:
    """Give deployment and change of what was shipped."""
    return [(row.deployment[1], row.change.sha) for row in reference.shipped(events)]


def the_change(events: list[Event]) -> reference.Change:
    [change] = reference.changes(events)
    return change


def the_incident(events: list[Event]) -> Incident:
    [found] = reference.incidents(events)
    return found


def cause(events: list[Event]) -> tuple[str | None, str]:
    """Give the id of the deployment that the incident belongs to, and why."""
    found = the_incident(events)
    return (found.deployment and found.deployment[1], found.why)


def failures(events: list[Event]) -> list[str]:
    return [row.deployment[1] for row in reference.failed(events) if row.failed]


def reasons(events: list[Event]) -> dict[str, tuple[str, ...]]:
    return {row.deployment[1]: row.reasons for row in reference.rework(events)}


# The log.


def test_if_one_id_is_told_in_two_ways_the_earliest_telling_stays() -> None:
    events = [deployed("d1", 2, artifact=V2), deployed("d1", 1, artifact=V1)]

    [one] = reference.deployments(events)

    assert (one.time, one.artifact) == (at(1), V1)


def test_at_the_same_time_the_smaller_json_stays() -> None:
    [one] = reference.deployments([deployed("d1", 1, artifact=V2), deployed("d1", 1, artifact=V1)])

    assert one.artifact == V1


def test_the_same_id_of_two_sources_is_two_events() -> None:
    events = [deployed("d1", 1, source="/a"), deployed("d1", 1, source="/b")]

    assert [one.key for one in reference.deployments(events)] == [("/a", "d1"), ("/b", "d1")]


# Deployments.


@pytest.mark.parametrize("kind", ["deployed", "upgraded", "rolledback"])
def test_a_service_that_is_deployed_upgraded_or_rolled_back_is_a_deployment(kind: str) -> None:
    [one] = reference.deployments([deployed("d1", 1, kind=kind)])

    assert (one.place, one.time, one.predicate) == (("shop", "production"), at(1), kind)


@pytest.mark.parametrize("kind", ["removed", "published"])
def test_a_service_that_is_removed_or_published_is_none(kind: str) -> None:
    assert ids([deployed("d1", 1, kind=kind)]) == []


def test_several_containers_of_one_rollout_are_one_deployment() -> None:
    assert ids([deployed("d1", 1, images=["shop:1", "proxy:1"])]) == ["d1"]


def test_a_revision_with_the_template_of_the_one_before_is_a_restart() -> None:
    assert ids([revision(1, "a", 1), revision(2, "a", 2), revision(3, "b", 3)]) == ["u1-1", "u1-3"]


@pytest.mark.parametrize("other", [{"uid": "u2"}, {"source": "/another"}])
def test_the_template_of_another_uid_or_source_makes_no_restart(other: dict[str, str]) -> None:
    assert len(ids([revision(1, "a", 1), revision(2, "a", 2, **other)])) == 2


def test_the_revision_before_is_the_last_one_that_was_done() -> None:
    assert ids([revision(2, "a", 1), revision(4, "a", 2)]) == ["u1-2"]


def test_a_restart_after_a_restart_is_one_as_well() -> None:
    assert ids([revision(number, "a", number) for number in (1, 2, 3)]) == ["u1-1"]


def test_what_has_no_fingerprint_is_no_restart() -> None:
    without: Any = None

    assert len(ids([revision(1, without, 1), revision(2, without, 2)])) == 2


def test_a_change_of_configuration_alone_is_a_deployment() -> None:
    assert ids([revision(1, "a", 1), revision(2, "b", 2)]) == ["u1-1", "u1-2"]


def test_deployments_are_in_the_order_of_their_times() -> None:
    events = [deployed("d2", 1, artifact=V1), deployed("d1", 2, artifact=V2)]

    assert rollbacks([*events, deployed("d0", 3, artifact=V1)]) == ["d0"]


def test_at_the_same_time_they_are_in_the_order_of_revision_and_none_is_before_any() -> None:
    events = [
        revision(10, "c", 1, artifact=V1),
        revision(9, "b", 1, artifact=V2),
        deployed("v", 1, artifact=V1),
    ]

    assert rollbacks(events) == ["u1-10"]


def test_at_the_same_time_and_revision_they_are_in_the_order_of_source_and_id() -> None:
    events = [
        deployed("d1", 1, source="/b", artifact=V1),
        deployed("d2", 1, source="/a", artifact=V2),
        deployed("d1", 1, source="/a", artifact=V1),
    ]

    assert [one.key for one in reference.deployments(events) if one.is_rollback] == [("/b", "d1")]


# Rollbacks.


def test_a_service_rolledback_is_a_rollback() -> None:
    assert rollbacks([deployed("d1", 1), deployed("d2", 2, kind="rolledback")]) == ["d2"]


def test_v1_v2_v3_v1_the_last_is_a_rollback() -> None:
    events = [deployed(f"d{n}", n, artifact=v) for n, v in enumerate([V1, V2, V3, V1])]

    assert rollbacks(events) == ["d3"]


def test_v1_v1_is_none() -> None:
    assert rollbacks([deployed("d1", 1, artifact=V1), deployed("d2", 2, artifact=V1)]) == []


@pytest.mark.parametrize("other", [{"service": "cart"}, {"environment": "staging"}])
def test_only_what_was_deployed_there_can_return(other: dict[str, str]) -> None:
    first = deployed("d1", 1, artifact=V1, **other)

    assert rollbacks([first, deployed("d2", 2), deployed("d3", 3, artifact=V1)]) == []


def test_artifacts_are_compared_as_they_are_told() -> None:
    named = [f"pkg:oci/shop?{SHOP}&tag=1", f"pkg:oci/shop@{DIGEST}?{SHOP}&tag=1"]
    events = [deployed(f"d{n}", n, artifact=named[n % 2]) for n in range(3)]

    assert rollbacks(events) == ["d2"]


def test_configuration_alone_can_be_rolled_back() -> None:
    assert rollbacks([revision(1, "a", 1), revision(2, "b", 2), revision(3, "a", 3)]) == ["u1-3"]


def test_a_template_of_another_uid_does_not_return() -> None:
    events = [revision(1, "a", 1, uid="u2"), revision(2, "b", 2), revision(3, "a", 3)]

    assert rollbacks(events) == []


def test_a_template_that_the_deployment_before_has_does_not_return() -> None:
    events = [revision(1, "a", 1), revision(2, "b", 2), revision(1, "a", 3, uid="u2")]

    assert rollbacks([*events, revision(3, "a", 4)]) == []


def test_after_a_deployment_without_a_template_none_is_known_to_return() -> None:
    events = [revision(1, "a", 1), revision(2, "b", 2), deployed("d1", 3, artifact=V1)]

    assert rollbacks([*events, revision(3, "a", 4)]) == []


# Changes.


def test_a_push_with_five_commits_is_five_changes() -> None:
    assert len(reference.changes([merged("c5", 1, "c1", "c2", "c3", "c4", "c5")])) == 5


def test_the_subject_itself_is_the_change_where_the_event_names_no_commits() -> None:
    assert the_change([merged("c1", 1)]).key == ("acme/shop", "main", "c1")


def test_told_by_the_pull_request_and_by_the_push_it_is_one_change() -> None:
    change = the_change([merged("7", 5, "c1", opened=3), merged("c1", 4, ("c1", 2))])

    assert (change.opened, change.merged) == (at(3), at(4))


def test_it_is_opened_at_the_earliest_opening_and_merged_at_the_earliest_time() -> None:
    change = the_change([merged("7", 9, "c1", opened=3), merged("7", 8, "c1", opened=2)])

    assert (change.opened, change.merged) == (at(2), at(8))


def test_the_same_commit_in_two_branches_is_two_changes() -> None:
    events = [merged("c1", 1), merged("c1", 2, branch="release"), merged("c1", 1, repository="b")]

    assert len(reference.changes(events)) == 3


def _branch_in_order(events: list[Event]) -> list[str]:
    return [one.sha for one in sorted(reference.changes(events), key=lambda one: one.place)]


def test_its_place_in_the_branch_is_that_of_the_latest_time_told() -> None:
    events = [merged("c1", 1, "c1"), merged("c2", 2, "c2"), merged("7", 3, "c1")]

    assert _branch_in_order(events) == ["c2", "c1"]


def test_its_place_is_then_that_in_the_list_and_then_its_id() -> None:
    assert _branch_in_order([merged("c1", 1, "c2", "c1")]) == ["c2", "c1"]
    assert _branch_in_order([merged("c2", 1), merged("c1", 1)]) == ["c1", "c2"]


def test_a_changes_clock_starts_at_its_commit() -> None:
    change = the_change([merged("c1", 9, ("c1", 2))])

    assert (change.clock, change.start) == ("commit", at(2))


def test_for_a_pull_request_the_commit_time_is_the_one_told_there() -> None:
    change = the_change([merged("7", 9, ("c1", 5), opened=6), merged("c1", 9, ("c1", 8))])

    assert (change.clock, change.start) == ("commit", at(5))


def test_where_the_commit_is_unknown_the_clock_starts_at_the_opening() -> None:
    change = the_change([merged("7", 9, "c1", opened=6), merged("c1", 9, ("c1", 8))])

    assert (change.clock, change.start) == ("opened", at(6))


def test_where_that_is_unknown_too_the_clock_starts_at_the_merge() -> None:
    change = the_change([merged("c1", 9, "c1")])

    assert (change.clock, change.start) == ("merged", at(9))


# What a deployment names.


def test_a_deployment_names_the_change_whose_id_is_its_commit() -> None:
    assert names([merged("c1", 1), deployed("d1", 2, commit="c1")]) == {"d1": "c1"}


def test_it_names_it_in_its_repository_where_it_says_one() -> None:
    events = [merged("c1", 1, repository="a"), merged("c1", 1, repository="b")]

    named = reference.named([*events, deployed("d1", 2, commit="c1", repository="b")])

    assert named["/tests", "d1"].repository == "b"


def test_it_names_no_change_of_another_repository() -> None:
    assert names([merged("c1", 1), deployed("d1", 2, commit="c1", repository="b")]) == {}


def test_it_names_the_change_that_its_artifact_was_packaged_of() -> None:
    events = [merged("c1", 1), packaged(V1, "c1"), deployed("d1", 2, artifact=V1)]

    assert names(events) == {"d1": "c1"}


def test_it_names_the_commit_that_its_artifact_was_packaged_or_published_with() -> None:
    events = [merged("c1", 1), merged("c2", 1), deployed("d1", 2, artifact=V1)]

    assert names([*events, packaged(V1, "unknown", commit="c2")]) == {"d1": "c2"}
    assert names([*events, published(V1, commit="c2")]) == {"d1": "c2"}


def test_its_commit_goes_before_its_artifact() -> None:
    events = [merged("c1", 1), merged("c2", 1), packaged(V1, "c1")]

    assert names([*events, deployed("d1", 2, artifact=V1, commit="c2")]) == {"d1": "c2"}
    assert names([*events, deployed("d1", 2, artifact=V1, commit="unknown")]) == {"d1": "c1"}


def test_a_tag_means_the_digest_that_was_last_told_under_it_before() -> None:
    events = [merged("c1", 1), merged("c2", 1), packaged(OLD, "c1"), packaged(NEW, "c2")]
    events += [published(f"{OLD}{LATEST}", 2), published(f"{NEW}{LATEST}", 4)]

    deployments = [deployed(f"d{n}", n, artifact=f"pkg:oci/shop{LATEST}") for n in range(1, 5)]

    assert names([*events, *deployments]) == {"d2": "c1", "d3": "c1", "d4": "c2"}


def test_a_tag_means_the_change_that_was_last_told_of_it_before_or_else_first_after() -> None:
    events = [merged("c1", 1), merged("c2", 1), packaged(V1, "c2", 2), packaged(V1, "c1", 4)]
    events += [published(V1, 5)]  # what was built of which change is not told

    deployments = [deployed(f"d{n}", n, artifact=V1) for n in (1, 3, 4, 6)]

    assert names([*events, *deployments]) == {"d1": "c2", "d3": "c2", "d4": "c1", "d6": "c1"}


def test_its_digest_goes_before_its_tag() -> None:
    events = [merged("c1", 1), merged("c2", 1)]
    events += [packaged(f"{OLD}{LATEST}", "c2"), packaged(f"{NEW}{LATEST}", "c1", 1)]

    assert names([*events, deployed("d1", 2, artifact=f"{OLD}{LATEST}")]) == {"d1": "c2"}


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("shop-1.tar.gz", "shop-1.tar.gz", True),
        ("shop-1.tar.gz", "shop-2.tar.gz", False),
        (f"pkg:oci/shop@{DIGEST}", f"pkg:oci/mirror@{DIGEST.replace(':', '%3A')}?tag=9", True),
        (f"pkg:oci/shop?{SHOP}&tag=1", f"pkg:oci/shop@{DIGEST}?tag=1&{SHOP}", True),
        (f"pkg:oci/shop?{SHOP}&tag=1", f"pkg:oci/shop?{SHOP}&tag=2", False),
        (f"pkg:oci/shop?{SHOP}&tag=1", "pkg:oci/shop?tag=1", False),
        ("pkg:npm/shop@1", "pkg:npm/cart@1", False),
    ],
)
def test_package_urls_are_the_same_artifact_by_text_digest_or_repository_and_tag(
    one: str, other: str, *, is_same: bool
) -> None:
    events = [merged("c1", 1), packaged(one, "c1", 2), deployed("d1", 3, artifact=other)]

    assert names(events) == ({"d1": "c1"} if is_same else {})


def test_named_by_the_subject_of_its_merge_its_last_commit_is_meant() -> None:
    events = [merged("7", 1, "c1", "c2"), deployed("d1", 2, commit="7")]

    assert names(events) == {"d1": "c2"}


def test_where_several_fit_it_is_the_first_by_repository_branch_and_id() -> None:
    events = [
        merged("7", 1, "c2", repository="b"),
        merged("7", 2, "c3"),
        merged("7", 3, "c1"),
        merged("7", 4, "c0", branch="release"),
    ]

    assert names([*events, deployed("d1", 5, commit="7")]) == {"d1": "c1"}


# What a deployment ships.


def test_it_ships_the_change_it_names_and_all_before_it_after_the_furthest_named_before() -> None:
    events = [merged("c4", 1, "c1", "c2", "c3", "c4")]
    events += [deployed("d1", 2, commit="c1"), deployed("d2", 3, commit="c3")]

    assert ships(events) == [("d1", "c1"), ("d2", "c2"), ("d2", "c3")]


def test_the_first_deployment_ships_only_the_change_it_names() -> None:
    events = [merged("c2", 1, "c1", "c2"), deployed("d1", 2, commit="c2")]

    assert ships(events) == [("d1", "c2")]


def test_the_first_deployment_from_another_branch_ships_only_the_change_it_names() -> None:
    events = [merged("c0", 1), merged("c2", 1, "c1", "c2", branch="release")]
    events += [deployed("d1", 2, commit="c0"), deployed("d2", 3, commit="c2")]

    assert ships(events) == [("d1", "c0"), ("d2", "c2")]


def test_going_back_ships_nothing() -> None:
    events = [merged("c3", 1, "c1", "c2", "c3")]
    events += [deployed(f"d{n}", 2 + n, commit=f"c{n}") for n in (1, 3)]
    events += [deployed("d4", 6, commit="c2"), deployed("d5", 7, commit="c3")]

    assert ships(events) == [("d1", "c1"), ("d3", "c2"), ("d3", "c3")]


@pytest.mark.parametrize("other", [{"service": "cart"}, {"environment": "staging"}])
def test_two_services_of_one_repository_each_ship_on_their_own(other: dict[str, str]) -> None:
    events = [merged("c1", 1), deployed("d1", 2, commit="c1")]

    assert ships([*events, deployed("d2", 3, commit="c1", **other)]) == [("d1", "c1"), ("d2", "c1")]


def test_a_deployment_that_names_no_known_change_is_unlinked() -> None:
    events = [merged("c1", 1), deployed("d1", 2, commit="c1"), deployed("d2", 3, commit="c9")]

    assert reference.unlinked([*events, deployed("d3", 4)]) == [("/tests", "d2"), ("/tests", "d3")]


# Incidents.


def test_all_events_of_one_source_and_subject_are_one_incident() -> None:
    events = [incident(kind, n) for n, kind in enumerate(("detected", "reported", "resolved"))]

    assert the_incident(events).key == ("/tests", "1")


def test_the_same_number_of_two_sources_is_two_incidents() -> None:
    events = [incident("detected", 1, source=source) for source in ("/a", "/b")]

    assert [one.key for one in reference.incidents(events)] == [("/a", "1"), ("/b", "1")]


def test_it_is_detected_at_the_earliest_detection_or_report() -> None:
    events = [incident("detected", 3), incident("reported", 2), incident("resolved", 1)]

    assert the_incident(events).detected == at(2)


def test_it_is_resolved_at_the_latest_resolution() -> None:
    events = [incident("detected", 1), incident("resolved", 5), incident("resolved", 3)]

    assert the_incident(events).resolved == at(5)


def test_an_incident_without_a_resolution_is_open() -> None:
    assert the_incident([incident("detected", 1)]).resolved is None


def test_if_a_detection_is_later_it_is_open_again_and_continues() -> None:
    events = [incident("detected", 1), incident("resolved", 3), incident("detected", 4)]

    assert (the_incident(events).detected, the_incident(events).resolved) == (at(1), None)
    assert the_incident([*events, incident("resolved", 9)]).resolved == at(9)


@pytest.mark.parametrize(("kind", "minute"), [("reported", 4), ("detected", 3)])
def test_a_later_report_or_a_detection_at_the_same_time_does_not_open_it_again(
    kind: str, minute: int
) -> None:
    events = [incident("detected", 1), incident("resolved", 3), incident(kind, minute)]

    assert the_incident(events).resolved == at(3)


def test_its_service_artifact_and_environment_are_of_the_earliest_event_that_tells_them() -> None:
    events = [
        incident("detected", 1, service=None, environment="live"),
        incident("resolved", 2, service="cart", environment="staging"),
        incident("reported", 3, service="shop", artifact=V1),
        incident("detected", 4, artifact=V2),
    ]

    found = the_incident(events)

    assert (found.service, found.environment, found.artifact) == ("cart", "live", V1)


def test_an_incident_of_which_only_the_end_is_known_is_none_yet() -> None:
    assert reference.incidents([incident("resolved", 1)]) == []


# Which deployment an incident belongs to.

TWO = [deployed("d1", 1, artifact=V1), deployed("d2", 2, artifact=V2)]


def test_it_belongs_to_the_deployment_whose_id_it_names() -> None:
    assert cause([*TWO, incident("detected", 3, deployment="d1")]) == ("d1", "deployment")


@pytest.mark.parametrize(
    "link",
    [
        {"linkType": "END", "from": {"contextId": "d1"}},
        {"linkType": "PATH", "from": {"contextId": "d1"}},
        {"linkType": "RELATION", "linkKind": "causedBy", "target": {"contextId": "d1"}},
    ],
)
def test_it_belongs_to_the_deployment_that_a_link_of_its_events_names(link: Event) -> None:
    events = [*TWO, incident("detected", 3), incident("resolved", 4, links=[link])]

    assert cause(events) == ("d1", "link")


def test_it_belongs_to_the_latest_deployment_of_its_artifact_in_its_environment() -> None:
    events = [*TWO, deployed("d3", 3, artifact=V1), deployed("d4", 4, artifact=V1)]
    events += [deployed("d5", 3, artifact=V1, environment="staging"), deployed("d6", 3)]

    assert cause([*events, incident("detected", 4, artifact=V1)]) == ("d3", "artifact")


def test_by_artifact_it_may_be_any_service_unless_it_says_one() -> None:
    events = [*TWO, deployed("d3", 3, artifact=V1, service="cart")]

    assert cause([*events, incident("detected", 9, artifact=V1)]) == ("d1", "artifact")
    assert cause([*events, incident("detected", 9, artifact=V1, service=None)]) == (
        "d3",
        "artifact",
    )


@pytest.mark.parametrize("name", [{"deployment": "d9"}, {"artifact": V3}])
def test_if_it_names_what_is_not_known_it_belongs_to_none(name: dict[str, str]) -> None:
    assert cause([*TWO, incident("detected", 3, **name)]) == (None, "unknown")


def test_an_unknown_deployment_leaves_the_artifact() -> None:
    named = incident("detected", 3, deployment="d9", artifact=V1)

    assert cause([*TWO, named]) == ("d1", "artifact")


def test_a_link_to_something_else_names_nothing() -> None:
    link = {"linkType": "END", "from": {"contextId": "another"}}

    assert cause([*TWO, incident("detected", 3, links=[link])]) == ("d2", "window")


def test_if_it_names_nothing_it_belongs_to_the_latest_deployment_before_it() -> None:
    events = [*TWO, deployed("d3", 3), deployed("d4", 1, service="cart")]
    events += [deployed("d5", 2.5, environment="staging")]

    assert cause([*events, incident("detected", 3)]) == ("d2", "window")


@pytest.mark.parametrize(("minute", "why"), [(2 + 7 * DAY, "window"), (3 + 7 * DAY, "none")])
def test_that_deployment_is_no_longer_ago_than_seven_days(minute: int, why: str) -> None:
    assert the_incident([*TWO, incident("detected", minute)]).why == why


def test_the_window_is_a_setting() -> None:
    [found] = reference.incidents([*TWO, incident("detected", 9)], timedelta(minutes=6))

    assert found.deployment is None


def test_an_incident_without_a_service_or_a_deployment_before_it_belongs_to_none() -> None:
    assert cause([*TWO, incident("detected", 3, service=None)]) == (None, "none")
    assert cause([*TWO, incident("detected", 1)]) == (None, "none")


# Failure, recovery, rework.

IS_OPEN = ("incident",)


def test_a_deployment_failed_if_an_incident_belongs_to_it() -> None:
    assert failures([*TWO, incident("detected", 3)]) == ["d2"]


def test_a_deployment_failed_if_the_next_one_there_is_a_rollback() -> None:
    events = [*TWO, deployed("d3", 4, artifact=V1), deployed("d4", 3, service="cart")]

    assert failures(events) == ["d2"]
    assert reference.failed(events)[1].rolled_back_by == ("/tests", "d3")


def test_two_incidents_of_one_deployment_are_one_failed_deployment() -> None:
    events = [*TWO, incident("detected", 3), incident("detected", 4, subject="2")]

    assert failures(events) == ["d2"]
    assert reference.failed(events)[1].incidents == (("/tests", "1"), ("/tests", "2"))


def _recovery(events: list[Event]) -> reference.Recovery:
    [row] = reference.recoveries(events)
    return row


def test_recovery_is_when_the_last_of_its_incidents_was_resolved() -> None:
    events = [*TWO, deployed("d3", 9, artifact=V1)]
    events += [incident("detected", 3), incident("resolved", 5)]
    events += [incident("detected", 4, subject="2"), incident("resolved", 7, subject="2")]

    assert (_recovery(events).recovered, _recovery(events).seconds) == (at(7), 300)


def test_without_incidents_recovery_is_the_rollback() -> None:
    assert _recovery([*TWO, deployed("d3", 9, artifact=V1)]).seconds == 420


def test_a_failed_deployment_with_an_open_incident_has_not_recovered() -> None:
    events = [*TWO, deployed("d3", 9, artifact=V1), incident("detected", 3)]
    events += [incident("detected", 4, subject="2"), incident("resolved", 7, subject="2")]

    assert _recovery(events).recovered is None
    assert reference.recovery_time(events, ALL).open == 1
    assert reference.recovery_time(events, ALL).durations.count == 0


def test_recovery_takes_at_least_0_seconds() -> None:
    events = [incident("detected", 0, deployment="d1"), incident("resolved", 1)]

    assert _recovery([deployed("d1", 9), *events]).seconds == 0


def test_a_rollback_is_rework() -> None:
    assert reasons([*TWO, deployed("d3", 9, artifact=V1)])["d3"] == ("rollback",)


@pytest.mark.parametrize(("minute", "found"), [(2, ()), (3, IS_OPEN), (5, IS_OPEN), (6, ())])
def test_a_deployment_while_an_incident_is_open_is_rework_both_ends_included(
    minute: int, found: tuple[str, ...]
) -> None:
    events = [incident("detected", 3), incident("resolved", 5), deployed("d1", minute)]

    assert reasons(events)["d1"] == found


@pytest.mark.parametrize("other", [{"service": "cart"}, {"environment": "staging"}])
def test_an_incident_of_another_service_or_environment_makes_no_rework(other: Event) -> None:
    assert reasons([incident("detected", 1), deployed("d1", 2, **other)])["d1"] == ()


def test_an_incident_that_tells_no_service_makes_nothing_rework() -> None:
    events = [*TWO, incident("detected", 3, service=None, deployment="d1"), deployed("d3", 4)]

    assert reasons(events)["d3"] == ()


def test_a_deployment_marked_as_unplanned_is_rework() -> None:
    events = [deployed("d1", 1, unplanned=True), deployed("d2", 2, unplanned=False)]

    assert reasons(events) == {"d1": ("unplanned",), "d2": ()}


# The metrics.


@pytest.mark.parametrize(
    ("environment", "tier"),
    [
        ("production", "production"),
        ("prod-eu", "production"),
        ("live", "production"),
        ("default", "production"),
        ("staging", "staging"),
        ("test1", "testing"),
        ("qa", "testing"),
        ("my-prod", "development"),
    ],
)
def test_an_environment_has_a_tier(environment: str, tier: str) -> None:
    assert reference.tier(environment) == tier


def test_metrics_count_production_unless_asked_otherwise() -> None:
    events = [*TWO, deployed("d3", 3, environment="qa")]

    def count(asked: Asked) -> int:
        return reference.deployment_frequency(events, asked).count

    assert count(ALL) == 2
    assert count(replace(ALL, tier=None)) == 3
    assert count(replace(ALL, environment="qa")) == 1
    assert count(replace(ALL, service="cart")) == 0


def test_a_span_includes_its_start_and_not_its_end() -> None:
    assert reference.deployment_frequency(TWO, Asked(start=at(1), end=at(2))).count == 1


def test_frequency_is_deployments_a_day() -> None:
    assert reference.deployment_frequency(TWO, Asked(start=at(0), end=at(4 * DAY))).value == 0.5


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        ([], 0.5, None),
        ([3], 0.9, 3),
        ([1, 2], 0.5, 1.5),
        ([3, 1, 2], 0.5, 2),
        ([0, 10], 0.75, 7.5),
        ([0, 10, 20, 30, 40], 0.9, 36),
    ],
)
def test_percentiles_are_interpolated(
    values: list[float], part: float, expected: float | None
) -> None:
    assert reference.percentile(values, part) == expected


def test_lead_time_is_from_the_start_of_the_clock_to_the_deployment() -> None:
    events = [
        merged("c1", 3, ("c1", 1), opened=2),
        deployed("d1", 9, commit="c1"),
        deployed("d2", 9),
    ]

    answer = reference.lead_time(events, ALL)

    assert (answer.durations.p50, answer.unlinked) == (480, 1)
    stages = (answer.commit_to_opened, answer.opened_to_merged, answer.merged_to_deployed)
    assert stages == (60, 60, 360)


def test_a_clock_that_starts_after_the_deployment_counts_as_0() -> None:
    events = [merged("c1", 9), deployed("d1", 2, commit="c1")]

    assert reference.lead_time(events, ALL).durations.p50 == 0


def test_the_failure_rate_leaves_rollbacks_out_of_both_numbers() -> None:
    events = [*TWO, deployed("d3", 9, artifact=V1), incident("detected", 10)]

    rate = reference.change_failure_rate(events, ALL)

    assert (rate.count, rate.value) == (2, 0.5)


def test_the_rework_rate_is_the_part_that_was_rework() -> None:
    rate = reference.rework_rate([*TWO, deployed("d3", 9, artifact=V1)], ALL)

    assert (rate.count, rate.value) == (3, 1 / 3)


def test_time_to_restore_is_from_detection_to_resolution_without_open_incidents() -> None:
    events = [
        incident("detected", 3),
        incident("resolved", 5),
        incident("detected", 4, subject="2"),
    ]

    assert reference.recovery_time(events, ALL).time_to_restore == 120


def test_what_nothing_is_known_of_is_none() -> None:
    assert reference.change_failure_rate([], ALL).value is None
    assert reference.rework_rate([], ALL).value is None
    assert reference.recovery_time([], ALL).durations.p50 is None
    assert reference.lead_time([], ALL).durations.p50 is None
    assert reference.deployment_frequency([], ALL).value == 0


def test_volume_counts_the_deployments_of_a_bucket_in_all_environments() -> None:
    events = [*TWO, deployed("d3", 5, environment="qa"), deployed("d4", 8 * DAY)]

    assert reference.volume(events, "week") == [("shop", at(0), 3), ("shop", at(7 * DAY), 1)]


@pytest.mark.parametrize(
    ("bucket", "start"),
    [
        ("day", datetime(2027, 1, 2, tzinfo=UTC)),
        ("week", datetime(2026, 12, 28, tzinfo=UTC)),  # in week 53
        ("month", datetime(2027, 1, 1, tzinfo=UTC)),
        ("year", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_bucket_begins_with_its_day_week_month_or_year(bucket: str, start: datetime) -> None:
    assert (
        reference.bucket_start(datetime.fromisoformat("2027-01-03T01:00:00+02:00"), bucket) == start
    )


def test_the_buckets_of_a_span_cover_it_without_gaps() -> None:
    for bucket in ("day", "week", "month", "year"):
        found = [within for _, within in reference.buckets(ALL, bucket)]

        assert (found[0].start, found[-1].end) == (ALL.start, ALL.end)
        assert all(one.end == other.start for one, other in pairwise(found))


# Generated histories.

EVERYTHING: list[Callable[[list[Event]], Any]] = [
    reference.deployments,
    reference.changes,
    reference.shipped,
    reference.unlinked,
    reference.incidents,
    reference.failed,
    reference.recoveries,
    reference.rework,
]
GENERATED = settings(max_examples=60)


@given(history=histories())
@GENERATED
def test_every_generated_event_is_valid(history: list[Event]) -> None:
    assert [problem(event) for event in history if problem(event)] == []


@given(
    history=histories(),
    asked=spans(),
    shuffle=st.randoms(use_true_random=False),
    repeats=st.lists(st.integers(0, 29), max_size=6),
)
@GENERATED
def test_neither_order_nor_repetition_matters(
    history: list[Event], asked: Asked, shuffle: random.Random, repeats: list[int]
) -> None:
    again = history + [history[number % len(history)] for number in repeats if history]
    shuffle.shuffle(again)

    for compute in EVERYTHING:
        assert compute(again) == compute(history)
    assert reference.lead_time(again, asked) == reference.lead_time(history, asked)
    assert reference.recovery_time(again, asked) == reference.recovery_time(history, asked)


@given(history=histories(), asked=spans())
@GENERATED
def test_what_holds_for_every_history(history: list[Event], asked: Asked) -> None:
    deployed = {one.key: one for one in reference.deployments(history)}
    shipped = [
        (deployed[row.deployment].place, row.change.key) for row in reference.shipped(history)
    ]

    assert len(shipped) == len(set(shipped)), "a service ships a change to an environment once"
    assert {row.deployment for row in reference.shipped(history)}.isdisjoint(
        reference.unlinked(history)
    )
    failed = {row.deployment for row in reference.failed(history) if row.failed}
    assert {row.deployment for row in reference.recoveries(history)} == failed
    for rate in (
        reference.change_failure_rate(history, asked),
        reference.rework_rate(history, asked),
    ):
        assert (rate.value is None) == (rate.count == 0)
        assert 0 <= (rate.value or 0) <= 1


def _facts(history: list[Event]) -> set[str]:
    """Give what a history has of what is hard to get right."""
    shipped, found = reference.shipped(history), reference.incidents(history)
    by_one = [row.deployment for row in shipped]
    facts = {f"an incident belongs by {one.why}" for one in found}
    facts |= {f"the clock is {row.change.clock}" for row in shipped}
    facts |= {f"rework is {reason}" for row in reference.rework(history) for reason in row.reasons}
    narrower = reference.incidents(history, reference.WINDOW - timedelta(microseconds=1))
    told = reference.log(history)
    without_registry = [
        event
        for event in told
        if "artifact.published" not in event["context"]["type"] or "customData" in event
    ]
    also = {
        "a registry tells what a tag means": reference.named(without_registry)
        != reference.named(told),
        "three changes are shipped at once": any(by_one.count(key) >= 3 for key in by_one),
        "a deployment has two incidents": any(
            len(row.incidents) == 2 for row in reference.failed(history)
        ),
        "a failure is open": any(row.seconds is None for row in reference.recoveries(history)),
        "an incident is at the edge of the window": narrower != found,
        "an id is told in two ways": len(reference.log(history)) < len(history),
        "an artifact returns": any(
            one.is_rollback and one.predicate != "rolledback" and one.revision is None
            for one in reference.deployments(history)
        ),
        "a template returns": any(
            one.is_rollback and one.revision is not None for one in reference.deployments(history)
        ),
    }
    return facts | {fact for fact, holds in also.items() if holds}


def test_what_is_hard_to_get_right_is_common_in_histories() -> None:
    seen: set[str] = set()
    few = settings(max_examples=400, phases=[Phase.generate], derandomize=True, database=None)

    def is_complete(history: list[Event]) -> bool:
        seen.update(_facts(history))
        return len(seen) == 20

    assert find(histories(), is_complete, settings=few), seen
