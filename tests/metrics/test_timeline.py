"""Targets, versions, rollouts, deployments, rollbacks: rules 6 to 11 and 14 of docs/metrics.md.

Events are in words: `d1` is a deployment of version V1, and what came of it is in words as well:
`d1` began a deployment, `d2=d1` joined that of d1, `d3 back d2` began one that takes back that of
d2, and what is left out is no rollout. Times are minutes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.events import carried
from tests.metrics.conftest import BATCH, TICK
from tests.metrics.happenings import (
    Event,
    at,
    deployed,
    merged,
    packaged,
    published,
    removed,
    time_of,
)

V1, V2, V3 = (f"pkg:oci/shop?repository_url=ghcr.io/acme/shop&tag={tag}" for tag in (1, 2, 3))
OTHER = "pkg:oci/mirror?tag=1"
DIGESTS = [f"sha256:{digit * 64}" for digit in "0123"]
DAY = 24 * 60
ROLLOUTS = """
select
    cd_id
    || case when deploy_id = cd_id and cd_source = deploy_source then '' else '=' || deploy_id end
    || case when goes_back then ' back' else '' end || coalesce(' ' || takes_back_id, '')
from timeline where is_rollout order by happened_at, revision, cd_source, cd_id
"""
SHA = "4f9ad31" + "0" * 33
OTHER_SHA = "4f9ad31" + "1" * 33

Happened = Callable[..., list[str]]


def by_digest(number: int, tag: str | None = None) -> str:
    """Return an artifact by its digest."""
    named = f"&tag={tag}" if tag else ""
    return f"pkg:oci/shop@{DIGESTS[number]}?repository_url=ghcr.io/acme/shop{named}"


@pytest.fixture
def rollouts(emptied_database: Database, function: Functions) -> Happened:
    """Let events happen, and return the rollouts in words."""

    def let_happen(*events: Event) -> list[str]:
        batch = json.dumps([carried(event) for event in events])
        recorded = function("cdevents-endpoint").post(batch, content_type=BATCH)
        assert json.loads(recorded.data)["refused"] == []
        assert function("deployment-frequency").post(TICK).status_code == 204
        return [row[0] for row in emptied_database.rows(ROLLOUTS)]

    return let_happen


def in_turn(*versions: str, **parts: Any) -> list[Event]:
    """Make deployments d1, d2 … of these versions, a minute apart."""
    return [
        deployed(f"d{number}", number, artifact=version, **parts)
        for number, version in enumerate(versions, 1)
    ]


# 6. Targets.


def test_clusters_that_follow_at_their_own_pace_do_not_undo_each_other(rollouts: Happened) -> None:
    assert rollouts(
        deployed("a1", 1, artifact=V1, uid="a"),
        deployed("a2", 2, artifact=V2, uid="a"),
        deployed("b1", 3, artifact=V1, uid="b"),
        deployed("b2", 4, artifact=V2, uid="b"),
    ) == ["a1", "a2", "b1=a1", "b2=a2"]


def test_the_same_uid_of_another_source_is_another_target(rollouts: Happened) -> None:
    assert rollouts(
        deployed("a1", 1, artifact=V1, uid="a", source="/k1"),
        deployed("a2", 2, artifact=V2, uid="a", source="/k1"),
        deployed("a3", 3, artifact=V1, uid="a", source="/k2"),
    ) == ["a1", "a2", "a3=a1"]


def test_a_uid_that_comes_after_another_was_removed_continues_its_target(
    rollouts: Happened,
) -> None:
    assert rollouts(
        deployed("a1", 1, artifact=V1, uid="a"),
        deployed("a2", 2, artifact=V2, uid="a"),
        removed("gone", 3, uid="a"),
        deployed("b1", 4, artifact=V1, uid="b"),
    ) == ["a1", "a2", "b1 back a2"]


def test_a_removed_uid_is_continued_by_one_only(rollouts: Happened) -> None:
    assert rollouts(
        deployed("a1", 1, artifact=V1, uid="a"),
        deployed("a2", 2, artifact=V2, uid="a"),
        removed("gone", 3, uid="a"),
        deployed("b2", 4, artifact=V2, uid="b"),
        deployed("c1", 5, artifact=V1, uid="c"),
    ) == ["a1", "a2", "c1=a1"]


def test_of_several_removed_uids_the_last_one_is_continued(rollouts: Happened) -> None:
    assert rollouts(
        deployed("a1", 1, artifact=V1, uid="a"),
        deployed("b1", 2, artifact=V1, uid="b"),
        deployed("b2", 3, artifact=V2, uid="b"),
        removed("a gone", 5, uid="a"),
        removed("b gone", 4, uid="b"),
        deployed("c1", 6, artifact=V2, uid="c"),
    ) == ["a1", "b1=a1", "b2", "c1=b2"]


def test_a_uid_that_appears_beside_another_is_a_target_of_its_own(rollouts: Happened) -> None:
    assert rollouts(
        deployed("a1", 1, artifact=V1, uid="a"),
        deployed("a2", 2, artifact=V2, uid="a"),
        deployed("b1", 3, artifact=V1, uid="b"),
        removed("gone", 4, uid="a"),
    ) == ["a1", "a2", "b1=a1"]


def test_without_a_uid_all_tools_report_of_one_target(rollouts: Happened) -> None:
    assert rollouts(
        deployed("a", 1, artifact=V1, source="/pipeline"),
        deployed("b", 2, artifact=V1, source="/jenkins"),
        deployed("c", 3, artifact=V2, source="/jenkins"),
        deployed("d", 4, artifact=V1, source="/pipeline"),
    ) == ["a", "c", "d back c"]


def test_two_repositories_are_two_targets_and_what_names_none_is_of_that_before_it(
    rollouts: Happened, emptied_database: Database
) -> None:
    rollouts(
        deployed("a", 1),
        deployed("b", 2, repository="https://x/one"),
        deployed("c", 3, repository="https://x/two"),
        deployed("d", 4),
        deployed("e", 5, repository="git@x:one.git"),
        deployed("f", 6),
    )

    targets = emptied_database.rows("select cd_id, target from timeline order by cd_id")
    assert [target for _, target in targets] == [
        "production",
        "production",
        "production repository https://x/two",
        "production repository https://x/two",
        "production",
        "production",
    ]


def test_an_earlier_first_repository_that_comes_late_changes_which_targets_there_are(
    rollouts: Happened,
) -> None:
    later = [
        deployed("b", 2, artifact=V1, repository="https://x/one"),
        deployed("c", 3, artifact=V2, repository="https://x/one"),
        deployed("d", 4, artifact=V1, repository="https://x/two"),
    ]
    assert rollouts(*later) == ["b", "c", "d=b"]

    assert rollouts(deployed("a", 1, artifact=V1, repository="https://x/two")) == ["a", "b=a", "c"]


def test_targets_are_of_one_environment_as_it_is_named(
    rollouts: Happened, emptied_database: Database
) -> None:
    rollouts(deployed("a", 1, environment="prod-eu"), deployed("b", 2, environment="prod-us"))

    targets = emptied_database.rows("select target from timeline_targets order by target")
    assert targets == [["prod-eu"], ["prod-us"]]


def test_what_has_no_uid_is_removed_by_any_removal_until_it_runs_again(
    rollouts: Happened, emptied_database: Database
) -> None:
    removed_at = "select removed_at from timeline_targets where uid_source is null"
    rollouts(
        deployed("a", 1),
        deployed("k", 2, uid="u"),
        removed("k gone", 3, uid="u"),
        removed("gone", 4),
    )
    assert emptied_database.rows(removed_at) == [[at(3)]]

    rollouts(deployed("b", 5))

    assert emptied_database.rows(removed_at) == [[None]]


# 7. Versions.

VERSIONS: dict[str, tuple[Event, Event, bool]] = {
    "equal digests": (
        deployed("a", 1, artifact=by_digest(1)),
        deployed("b", 2, artifact=f"pkg:oci/mirror@{DIGESTS[1]}"),
        True,
    ),
    "a digest goes before a commit": (
        deployed("a", 1, artifact=by_digest(1), commit="c1"),
        deployed("b", 2, artifact=by_digest(2), commit="c1"),
        False,
    ),
    "equal commits": (
        deployed("a", 1, artifact=V1, commit="c1"),
        deployed("b", 2, artifact=V2, commit="c1"),
        True,
    ),
    "a commit goes before an artifact": (
        deployed("a", 1, artifact=V1, commit="c1"),
        deployed("b", 2, artifact=V1, commit="c2"),
        False,
    ),
    "a commit of an unknown repository": (
        deployed("a", 1, artifact=V1, commit="c1"),
        deployed("b", 2, artifact=V2, commit="c1", repository="https://x/one"),
        True,
    ),
    "equal artifacts": (
        deployed("a", 1, artifact="pkg:oci/shop?tag=1&repository_url=ghcr.io/acme/shop"),
        deployed("b", 2, artifact=V1),
        True,
    ),
    "a digest that only one has": (
        deployed("a", 1, artifact=by_digest(1), commit="c1"),
        deployed("b", 2, artifact=V1, commit="c1"),
        True,
    ),
    "other artifacts": (deployed("a", 1, artifact=V1), deployed("b", 2, artifact=V2), False),
}


@pytest.mark.parametrize("why", VERSIONS)
def test_versions_are_the_same_by_the_first_that_is_known_of_both(
    rollouts: Happened, why: str
) -> None:
    first, second, is_same = VERSIONS[why]

    assert rollouts(first, second) == (["a"] if is_same else ["a", "b"])


def test_a_tag_means_the_digest_last_published_under_it_by_then(rollouts: Happened) -> None:
    latest = "pkg:oci/shop?repository_url=ghcr.io/acme/shop&tag=latest"
    assert rollouts(
        published(by_digest(1, "latest"), 1, id="p1"),
        deployed("a", 2, artifact=latest),
        deployed("restart", 3, artifact=latest),
        packaged(by_digest(2, "latest"), "c2", 4, id="p2"),
        deployed("b", 5, artifact=latest),
        published(by_digest(3, "latest"), 6, id="p3"),
    ) == ["a", "b"]


def test_an_artifact_that_is_reported_late_changes_what_was_deployed_since(
    rollouts: Happened,
) -> None:
    latest = "pkg:oci/shop?repository_url=ghcr.io/acme/shop&tag=latest"
    assert rollouts(
        published(by_digest(1, "latest"), 1, id="p1"),
        deployed("a", 2, artifact=latest),
        deployed("b", 5, artifact=latest),
    ) == ["a"]

    assert rollouts(published(by_digest(2, "latest"), 4, id="p2")) == ["a", "b"]


# 8. Rollouts.


def test_repeating_a_deployment_is_no_rollout(rollouts: Happened) -> None:
    assert rollouts(*in_turn(V1, V1, V2, V2)) == ["d1", "d3"]


def test_another_template_is_a_rollout_where_both_tell_one(rollouts: Happened) -> None:
    given = [("d1", "a"), ("d2", None), ("d3", "b"), ("d4", "b"), ("d5", "c")]

    assert rollouts(
        *(
            deployed(name, minute, artifact=V1, templateFingerprint=template)
            for minute, (name, template) in enumerate(given, 1)
        )
    ) == ["d1", "d5"]


def test_a_removal_changes_nothing_in_what_came_before(rollouts: Happened) -> None:
    assert rollouts(
        deployed("d1", 1, artifact=V1), removed("gone", 2), deployed("d2", 3, artifact=V1)
    ) == ["d1"]


def test_a_stuck_rollout_that_is_undone_never_was_one(rollouts: Happened) -> None:
    assert rollouts(
        deployed("d1", 1, artifact=V1), deployed("d2", 3, artifact=V1, kind="rolledback")
    ) == ["d1"]


# 9. Deployments.


def test_five_clusters_are_one_deployment_be_it_a_week_later(rollouts: Happened) -> None:
    assert rollouts(
        *(deployed(f"{uid}1", minute, artifact=V1, uid=uid) for minute, uid in enumerate("abcd")),
        deployed("e1", 7 * DAY, artifact=V1, uid="e"),
    ) == ["a1", "b1=a1", "c1=a1", "d1=a1", "e1=a1"]


def test_back_and_forward_again_are_two_more_and_others_join_each(rollouts: Happened) -> None:
    turns = [V1, V2, V1, V2]

    assert rollouts(
        *(deployed(f"a{n}", n, artifact=turn, uid="a") for n, turn in enumerate(turns)),
        *(deployed(f"b{n}", 10 + n, artifact=turn, uid="b") for n, turn in enumerate(turns)),
    ) == [
        *("a0", "a1", "a2 back a1", "a3"),
        *("b0=a0", "b1=a1", "b2=a2 back a1", "b3=a3"),
    ]


def test_two_names_of_one_environment_share_deployments(
    rollouts: Happened, emptied_database: Database
) -> None:
    emptied_database.rows(
        "insert into catalog_environments (environment_name, environment_id)"
        " values ('eu', 'production'), ('us', 'production')"
    )

    assert rollouts(
        deployed("eu1", 1, artifact=V1, environment="eu"),
        deployed("eu2", 2, artifact=V2, environment="eu"),
        deployed("us1", 3, artifact=V1, environment="us"),
    ) == ["eu1", "eu2", "us1=eu1"]


def test_a_deployment_is_as_its_first_rollout_and_unplanned_if_any_says_so(
    rollouts: Happened, emptied_database: Database
) -> None:
    rollouts(
        deployed("a", 10, artifact=by_digest(1, "1"), uid="a"),
        deployed("b", 20, artifact=by_digest(1), uid="b", unplanned=True, startedAt=time_of(5)),
        deployed("c", 30, artifact=by_digest(1), uid="c", startedAt=time_of(11)),
    )

    assert emptied_database.rows(
        "select deploy_id, deployed_at, started_at, completed_at, is_unplanned, tag_key"
        " from timeline_deployments"
    ) == [["a", at(10), at(5), at(30), True, "ghcr.io/acme/shop:1"]]


# 10. Rollbacks.


def test_a_return_is_a_rollback_and_going_forward_again_is_none(rollouts: Happened) -> None:
    assert rollouts(*in_turn(V1, V2, V1, V2)) == ["d1", "d2", "d3 back d2", "d4"]


def test_a_return_is_a_rollback_whatever_its_template(rollouts: Happened) -> None:
    given = [(V1, "a"), (V2, "b"), (V1, "c")]

    assert rollouts(
        *(
            deployed(f"d{number}", number, artifact=version, templateFingerprint=template)
            for number, (version, template) in enumerate(given)
        )
    ) == ["d0", "d1", "d2 back d1"]


def test_a_return_to_an_earlier_template_of_the_same_version_is_a_rollback(
    rollouts: Happened,
) -> None:
    assert rollouts(
        *(
            deployed(f"d{number}", number, artifact=V1, templateFingerprint=template)
            for number, template in enumerate("abab")
        )
    ) == ["d0", "d1", "d2 back d1", "d3"]


def test_what_is_reported_as_a_rollback_is_one(rollouts: Happened) -> None:
    assert rollouts(
        deployed("d1", 1, artifact=V1), deployed("d2", 2, artifact=V2, kind="rolledback")
    ) == ["d1", "d2 back d1"]


def test_an_event_that_comes_late_makes_a_rollback_of_what_follows(rollouts: Happened) -> None:
    assert rollouts(deployed("d2", 2, artifact=V2), deployed("d3", 3, artifact=V1)) == ["d2", "d3"]

    assert rollouts(deployed("d1", 1, artifact=V1)) == ["d1", "d2", "d3 back d2"]


def test_an_event_reported_anew_leaves_the_timeline_in_which_it_was(rollouts: Happened) -> None:
    assert rollouts(*in_turn(V1, V2, V1)) == ["d1", "d2", "d3 back d2"]

    assert rollouts(deployed("d2", 0, artifact=V2, service="cart")) == ["d2", "d1"]


# 14. What a rollback takes back.


def test_a_chain_of_rollbacks_takes_back_one(rollouts: Happened) -> None:
    assert rollouts(*in_turn(V1, V2, V3, V2, V1)) == [
        *("d1", "d2", "d3", "d4 back d3", "d5 back d3"),
    ]


@pytest.mark.parametrize(("minutes", "root"), [(DAY, "d3"), (DAY + 1, "d2")])
def test_a_rollback_of_more_than_a_day_before_is_no_chain(
    rollouts: Happened, minutes: float, root: str
) -> None:
    last = deployed("d5", 4 + minutes, artifact=V1)

    assert rollouts(*in_turn(V1, V2, V3, V2), last)[-1] == f"d5 back {root}"


def test_at_its_first_rollout_a_target_takes_back_the_latest_of_the_environment(
    rollouts: Happened,
) -> None:
    assert rollouts(
        *in_turn(V1, V2, uid="a"),
        deployed("b", 3, artifact=V1, uid="b", kind="rolledback"),
        deployed("c", 4, artifact=V1, uid="c", kind="rolledback"),
    ) == ["d1", "d2", "b back d2", "c=b back d2"]


def test_with_nothing_before_it_a_rollback_takes_back_nothing(rollouts: Happened) -> None:
    assert rollouts(deployed("d1", 1, artifact=V1, kind="rolledback")) == ["d1 back"]


# 25. Commits of a version.

Commits = list[list[str]]
COMMITS: dict[str, tuple[list[Event], list[str]]] = {
    "reported, of a known repository": (
        [merged("c1", 1), deployed("d", 9, commit="C1", repository="acme/shop")],
        ["acme/shop c1"],
    ),
    "reported, and known in one repository": (
        [merged("c1", 1), deployed("d", 9, commit="c1")],
        ["acme/shop c1"],
    ),
    "reported, and known nowhere": ([deployed("d", 9, commit="c1")], [" c1"]),
    "reported shortened": (
        [merged(SHA, 1), deployed("d", 9, commit=SHA[:9])],
        [f"acme/shop {SHA}"],
    ),
    "reported shortened, and fits two": (
        [merged(SHA, 1), merged(OTHER_SHA, 2), deployed("d", 9, commit=SHA[:7])],
        [f" {SHA[:7]}"],
    ),
    "the name of a change": (
        [merged("17", 1, "c1", "c2"), deployed("d", 9, commit="17")],
        ["acme/shop c2"],
    ),
    "the head of a merge": (
        [merged("17", 1, "c2", head="h1"), deployed("d", 9, commit="h1")],
        ["acme/shop c2"],
    ),
    "the head of a merge that a push lists": (
        [merged("17", 1, "c2", head="h1"), merged("h1", 2), deployed("d", 9, commit="h1")],
        ["acme/shop h1"],
    ),
    "packaged by digest": (
        [
            merged("c1", 1),
            packaged(f"pkg:oci/built@{DIGESTS[1]}", "c1", 2),
            deployed("d", 9, artifact=by_digest(1)),
        ],
        ["acme/shop c1"],
    ),
    "published with a commit": (
        [
            published(by_digest(1, "1"), 2, commit="c1", repository="https://x/r.git"),
            deployed("d", 9, artifact=V1),
        ],
        ["https://x/r c1"],
    ),
    "a tag as it was last reported by then": (
        [
            packaged(V1, "c1", 2),
            packaged(V1, "c2", 4),
            packaged(V1, "c3", 10),
            deployed("d", 9, artifact=V1),
        ],
        [" c2"],
    ),
    "a tag that was first reported afterwards": (
        [packaged(V1, "c2", 11), packaged(V1, "c1", 10), deployed("d", 9, artifact=V1)],
        [" c1"],
    ),
    "one for each repository": (
        [
            merged("c1", 1),
            merged("e1", 1, repository="acme/proxy"),
            packaged("pkg:oci/proxy?tag=7", "e1", 2),
            packaged(V1, "c0", 2, repository="acme/shop"),
            deployed("d", 9, artifact=V1, images=[V1, "pkg:oci/proxy?tag=7"], commit="c1"),
        ],
        ["acme/proxy e1", "acme/shop c1"],
    ),
    "a tag that is a commit": (
        [merged(SHA, 1), deployed("d", 9, artifact=f"pkg:oci/shop?tag=main-{SHA[:8]}")],
        [f"acme/shop {SHA}"],
    ),
    "a tag that is a commit of two": (
        [
            merged(SHA, 1),
            merged(OTHER_SHA, 1, repository="acme/other"),
            deployed("d", 9, artifact=f"pkg:oci/shop?tag={SHA[:7]}"),
        ],
        [],
    ),
    "a tag that is a commit of the service's repository": (
        [
            merged(SHA, 1),
            merged(OTHER_SHA, 1, repository="acme/other"),
            deployed("d", 9, artifact=f"pkg:oci/shop?tag={SHA[:7]}"),
            deployed("later", 11, repository="acme/other"),
        ],
        [f"acme/other {OTHER_SHA}"],
    ),
}


@pytest.mark.parametrize("is_in_order", [True, False])
@pytest.mark.parametrize("why", COMMITS)
def test_a_version_has_commits(
    rollouts: Happened, emptied_database: Database, why: str, *, is_in_order: bool
) -> None:
    events, commits = COMMITS[why]
    for event in events if is_in_order else events[::-1]:
        rollouts(event)

    found = emptied_database.rows("select commits from timeline where cd_id = 'd'")
    assert found == [[commits]]
