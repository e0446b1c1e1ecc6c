"""Which changes a deployment ships, and how long they took: definitions 25 to 28 of docs/metrics.md.

Times are minutes; minute 0 begins Monday, 5 January 2026, and the answers are of four weeks from then.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Database
from tests.metrics.conftest import Answers, Report
from tests.metrics.happenings import Event, deployed, merged, packaged, published, time_of

LEAD_TIME = "lead-time-for-changes"
V1, V2 = (f"pkg:oci/shop?tag={number}" for number in (1, 2))
# Commits with names as git's.
A, B, C, D = (digit * 40 for digit in "abcd")


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


def shipped(answers: Answers, **asked: Any) -> list[str]:
    """Return deployment and change of what was shipped."""
    return sorted(" ".join(row) for row in answers.rows("changes", "deployment", "sha", **asked))


# 25. Commits of a version.


@pytest.mark.parametrize(
    "naming",
    [
        [deployed("d1", 9, commit=A)],
        [deployed("d1", 9, commit=A, repository="acme/shop")],
        [deployed("d1", 9, commit=A[:7])],
        [deployed("d1", 9, artifact=V1), packaged(V1, A)],
        [deployed("d1", 9, artifact=V1), packaged(V1, "7", commit=A)],
        [deployed("d1", 9, artifact=V1), published(V1, commit=A)],
        [deployed("d1", 9, artifact=V2, images=[V1]), packaged(V1, A)],
        [deployed("d1", 9, artifact=f"pkg:oci/shop?tag={A}")],
        [deployed("d1", 9, artifact=f"pkg:oci/shop?tag=sha-{A}")],
        [deployed("d1", 9, artifact=f"pkg:oci/shop?tag=main-{A[:7]}")],
    ],
)
def test_a_deployment_names_a_commit_itself_by_an_artifact_or_by_a_tag(
    report: Report, naming: list[Event]
) -> None:
    assert shipped(report(merged(A, 1), *naming)) == [f"d1 {A}"]


@pytest.mark.parametrize("tag", ["1.2.3", "deadbeef", A[:6], "main"])
def test_a_tag_that_begins_no_known_commit_links_nothing(report: Report, tag: str) -> None:
    answers = report(merged(A, 1), deployed("d1", 9, artifact=f"pkg:oci/shop?tag={tag}"))

    assert answers.metric(LEAD_TIME)["unlinked"] == 1


def test_a_name_that_begins_two_commits_names_none(report: Report) -> None:
    answers = report(merged(A, 1), merged(A[:7] + C[7:], 2), deployed("d1", 9, commit=A[:7]))

    assert answers.metric(LEAD_TIME)["unlinked"] == 1


def test_the_head_of_a_squashed_pull_request_means_the_commit_of_the_merge(report: Report) -> None:
    answers = report(merged("7", 5, B, head=A, opened=1), deployed("d1", 9, commit=A))

    assert shipped(answers) == [f"d1 {B}"]


def test_a_head_that_a_push_lists_means_itself(report: Report) -> None:
    answers = report(
        *(merged(A, 1), deployed("d1", 2, commit=A)),
        *(merged(B, 3), merged("7", 5, C, head=B, branch="release/1")),
        deployed("d2", 9, commit=B),
    )

    assert shipped(answers) == [f"d1 {A}", f"d2 {B}"]


def test_images_of_two_repositories_ship_changes_of_both(report: Report) -> None:
    answers = report(
        *(merged(A, 1, repository="acme/web"), merged(B, 1, repository="acme/api")),
        *(packaged(V1, A), packaged(V2, B), deployed("d1", 9, artifact=V1, images=[V1, V2])),
    )

    assert shipped(answers) == [f"d1 {A}", f"d1 {B}"]


def test_a_tag_that_moves_names_what_was_last_reported_of_it_before(report: Report) -> None:
    answers = report(
        *(merged("c1", 1), merged("c2", 2)),
        *(packaged(V1, "c1", 3), packaged(V1, "c2", 5)),
        *(deployed("d1", 4, artifact=V1), deployed("d2", 6, artifact=V1)),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2"]


def test_where_nothing_is_linked_there_is_no_lead_time_and_the_deployments_are_counted(
    report: Report,
) -> None:
    answers = report(deployed("d1", 1), deployed("d2", 2, commit="nobody knows"))

    for group in (answers.metric(LEAD_TIME), *answers.groups(LEAD_TIME, group_by="service")):
        assert (group["value"], group["unlinked"]) == (None, 2)
        assert group["reason"] == "no deployment in this time shipped a known change"


# 26. Steps.


def test_a_push_with_five_commits_is_five_changes(report: Report) -> None:
    answers = report(
        *(merged("c0", 1), deployed("d1", 2, commit="c0")),
        *(merged("c5", 3, "c1", "c2", "c3", "c4", "c5"), deployed("d2", 4, commit="c5")),
    )

    assert shipped(answers, deployment="d2") == ["d2 c1", "d2 c2", "d2 c3", "d2 c4", "d2 c5"]


def test_in_the_middle_of_a_push_it_reaches_what_is_listed_before(report: Report) -> None:
    answers = report(
        *(merged("c0", 1), deployed("d1", 2, commit="c0")),
        *(merged("c3", 3, "c1", "c2", "c3"), deployed("d2", 4, commit="c2")),
        *(merged("c4", 5), deployed("d3", 6, commit="c4")),
    )

    assert shipped(answers) == ["d1 c0", "d2 c1", "d2 c2", "d3 c3", "d3 c4"]


def test_it_ships_what_no_earlier_deployment_of_its_service_and_environment_reached(
    report: Report,
) -> None:
    answers = report(
        *(merged(f"c{minute}", minute) for minute in (1, 2, 3, 4)),
        *(merged("other", 2, branch="release"), merged("foreign", 2, repository="acme/cart")),
        *(deployed("d1", 5, commit="c1"), deployed("d2", 6, commit="c3")),
        deployed("e1", 7, commit="c2", service="cart"),
        deployed("f1", 8, commit="c1", environment="prod-eu"),
    )

    assert shipped(answers, environment="production") == ["d1 c1", "d2 c2", "d2 c3", "e1 c2"]
    assert shipped(answers, environment="prod-eu") == ["f1 c1"]


def test_the_first_deployment_ships_only_the_change_it_names_and_reaches_all(
    report: Report,
) -> None:
    answers = report(
        *(merged("c1", 1), merged("c2", 2), deployed("d1", 3, commit="c2")),
        *(merged("c3", 4), deployed("d2", 5, commit="c3"), deployed("d3", 6, commit="c1")),
    )

    assert shipped(answers) == ["d1 c2", "d2 c3"]


def test_the_first_deployment_that_names_a_repository_ships_but_that_change_of_it(
    report: Report,
) -> None:
    answers = report(
        *(merged(A, 1), packaged(V1, A), deployed("d1", 2, artifact=V1)),
        *(merged(B, 3), merged(C, 3, repository="acme/api"), merged(D, 4, repository="acme/api")),
        *(packaged(V2, D), packaged("pkg:oci/web?tag=2", B)),
        deployed("d2", 5, artifact="pkg:oci/web?tag=2", images=[V2]),
    )

    assert shipped(answers) == [f"d1 {A}", f"d2 {B}", f"d2 {D}"]


def test_going_back_to_an_earlier_commit_ships_nothing_and_is_linked(report: Report) -> None:
    answers = report(
        *(merged("c1", 1), merged("c2", 2)),
        *(deployed("d1", 3, commit="c1"), deployed("d2", 4, commit="c2")),
        deployed("d3", 5, commit="c1"),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2"]
    assert answers.metric(LEAD_TIME)["unlinked"] == 0


def test_a_push_continues_from_its_before_so_what_was_set_back_is_not_shipped(
    report: Report,
) -> None:
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("c2", 3, before="c1"), merged("c3", 4, before="c2")),
        *(merged("c4", 5, before="c1"), deployed("d2", 6, commit="c4")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c4"]
    assert answers.metric(LEAD_TIME)["gaps"] == 0


def test_a_branch_continues_from_a_commit_of_another_one(report: Report) -> None:
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1"), merged("c2", 3)),
        merged("r1", 4, before="c2", branch="release/1"),
        *(merged("c3", 5), deployed("d2", 6, commit="r1")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2", "d2 r1"]


def test_without_a_before_a_push_continues_from_the_one_before_in_its_branch(
    report: Report,
) -> None:
    nothing = "0" * 40
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("c2", 3, before=nothing), merged("r1", 4, branch="release/1", before=nothing)),
        *(merged("c3", 5), deployed("d2", 6, commit="c3"), deployed("d3", 7, commit="r1")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2", "d2 c3", "d3 r1"]
    assert answers.metric(LEAD_TIME)["gaps"] == 0


def test_an_unknown_before_is_a_gap_and_the_push_continues_from_the_one_before(
    report: Report,
) -> None:
    answers = report(
        *(merged("c1", 1, before="older"), deployed("d1", 2, commit="c1")),
        *(merged("c3", 3, before="c2"), deployed("d2", 4, commit="c3")),
        *(merged("c4", 5, before="c3"), deployed("d3", 6, commit="c4")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c3", "d3 c4"]
    # What the first deployment reached beside its change has not to be known.
    assert answers.metric(LEAD_TIME)["gaps"] == 1


def test_a_gap_is_none_any_more_when_the_push_that_was_missing_comes(report: Report) -> None:
    report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("c3", 5, before="c2"), deployed("d2", 6, commit="c3")),
    )
    answers = report(merged("c2", 3, before="c1"))

    assert shipped(answers) == ["d1 c1", "d2 c2", "d2 c3"]
    assert answers.metric(LEAD_TIME)["gaps"] == 0


@pytest.mark.parametrize(
    ("branch", "other"), [({"defaultBranch": "master"}, {"defaultBranch": "main"}), ({}, {})]
)
def test_all_branches_ever_reported_as_the_default_are_one(
    report: Report, branch: dict[str, str], other: dict[str, str]
) -> None:
    answers = report(
        *(merged("c1", 1, branch="master", **branch), deployed("d1", 2, commit="c1")),
        *(merged("c2", 3, branch="master"), merged("c3", 4, branch="main")),
        merged("r1", 5, branch="release/1", before="c3", **other),
        deployed("d2", 6, commit="r1"),
    )

    between = ["d2 c2"] if branch else []
    assert shipped(answers) == ["d1 c1", *between, "d2 c3", "d2 r1"]


def test_a_report_of_a_merge_is_a_step_only_where_no_push_lists_its_commit(report: Report) -> None:
    begin = [merged("c1", 1), deployed("d1", 2, commit="c1")]
    merge = merged("7", 3, "m1", opened=2)
    end = [merged("c2", 5), deployed("d2", 6, commit="c2")]

    assert shipped(report(*begin, merge, *end)) == ["d1 c1", "d2 c2", "d2 m1"]
    # The push was to a branch of its own, so the line goes on without the merge.
    assert shipped(report(merged("m1", 4, branch="release/1"))) == ["d1 c1", "d2 c2"]


def test_a_commit_is_taken_in_the_step_that_ends_with_it_else_in_the_earliest(
    report: Report,
) -> None:
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1"), merged("c2", 3)),
        merged("c4", 4, "x", "c3", "c4"),
        merged("c3", 5, before="c2", branch="release/1"),
        *(deployed("d2", 6, commit="c3"), deployed("d3", 7, commit="x")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2", "d2 c3", "d3 x"]


def test_what_is_merged_back_ships_once(report: Report) -> None:
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("h1", 3, branch="hotfix/1", before="c1"), deployed("d2", 4, commit="h1")),
        *(merged("m1", 5, "h1", "m1", before="c1"), deployed("d3", 6, commit="m1")),
    )

    assert shipped(answers) == ["d1 c1", "d2 h1", "d3 m1"]


def test_a_commit_reported_again_stays_where_it_was(report: Report) -> None:
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("c2", 3), deployed("d2", 4, commit="c2")),
        *(merged("c3", 5), merged("c2", 9), deployed("d3", 10, commit="c3")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2", "d3 c3"]


def test_pushes_that_go_in_circles_end(report: Report) -> None:
    answers = report(
        *(merged("c1", 1, before="c2"), merged("c2", 2, before="c1")),
        *(deployed("d1", 3, commit="c1"), deployed("d2", 4, commit="c2")),
    )

    assert shipped(answers) == ["d1 c1"]


def test_a_deployer_may_list_more_commits_which_are_reached_themselves_alone(
    report: Report,
) -> None:
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("x1", 3, branch="side"), merged("x2", 4, branch="side")),
        *(merged("c2", 5), deployed("d2", 6, commit="c2", commits=[{"sha": "x2"}])),
        *(merged("c3", 7, before="x2"), deployed("d3", 8, commit="c3")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2", "d2 x2", "d3 c3", "d3 x1"]


PATHS: list[tuple[list[str], list[str], bool]] = [
    (["cart/"], ["cart/a.py"], True),
    (["cart/"], ["services/cart/a.py"], True),
    (["cart/"], ["cart"], False),
    (["/cart/"], ["services/cart/a.py"], False),
    (["services/cart/"], ["services/cart/a/b.py"], True),
    (["services/cart"], ["x/services/cart/a.py"], False),
    (["*.proto"], ["api/v1/cart.proto"], True),
    (["*.proto"], ["api/v1/cart.protobuf"], False),
    (["api/*.proto"], ["api/v1/cart.proto"], False),
    (["**/cart/**"], ["a/b/cart/c"], True),
    (["api/**/cart.proto"], ["api/cart.proto"], True),
    (["ca?t.[py][!o]"], ["x/cart.py"], True),
    (["cart.py"], ["cartxpy"], False),
    (["services/", "!services/shop/"], ["services/shop/a.py"], False),
    (["services/", "!services/shop/"], ["services/shop/a.py", "services/cart/a.py"], True),
    (["cart/"], [], False),
]


@pytest.mark.parametrize(("patterns", "paths", "is_shipped"), PATHS)
def test_a_service_with_paths_ships_the_changes_that_touch_one(
    report: Report, catalog: Path, patterns: list[str], paths: list[str], *, is_shipped: bool
) -> None:
    repository = {"url": "https://git.example/acme/shop", "paths": patterns}
    catalog.write_text(yaml.safe_dump({"services": {"shop": {"repositories": [repository]}}}))
    where = {"repository": repository["url"]}
    answers = report(
        *(merged("c1", 1, **where), deployed("d1", 2, commit="c1")),
        merged("c3", 3, {"sha": "c2", "paths": paths}, "c3", **where),
        deployed("d2", 4, commit="c3"),
    )

    assert shipped(answers) == ["d1 c1", *(["d2 c2"] if is_shipped else []), "d2 c3"]


def test_a_renamed_repository_goes_on(report: Report) -> None:
    old, new = ({"repository": f"https://git.example/{name}"} for name in ("acme/old", "acme/new"))
    answers = report(
        *(merged("c1", 1, repositoryId="7", **old), deployed("d1", 2, commit="c1", **old)),
        *(merged("c2", 3, **old), merged("c3", 4, repositoryId="7", before="c2", **new)),
        deployed("d2", 5, commit="c3", **new),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2", "d2 c3"]
    assert {row for [row] in answers.rows("changes", "repository")} == {old["repository"]}


def test_the_same_number_at_another_host_is_another_repository(report: Report) -> None:
    answers = report(
        *(merged("c1", 1, repositoryId="7", repository="https://a.example/shop"),),
        *(merged("c2", 2, repositoryId="7", repository="https://b.example/shop"),),
        *(deployed("d1", 3, commit="c1"), deployed("d2", 4, commit="c2")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2"]
    assert answers.rows("changes", "repository") == [
        ("https://a.example/shop",),
        ("https://b.example/shop",),
    ]


def test_a_deployment_before_its_change_is_known_ships_it_once_it_is(report: Report) -> None:
    assert shipped(report(deployed("d1", 5, commit="c1"))) == []
    assert shipped(report(merged("c1", 1))) == ["d1 c1"]


# 27. The clock.


@pytest.mark.parametrize(
    ("squashed", "clock", "minutes"),
    [
        (merged("7", 30, ("c1", 10), opened=20), "commit", 30),
        (merged("7", 30, ("c1", 25), opened=20), "opened", 20),
        (merged("7", 30, "c1", opened=20), "opened", 20),
        (merged("7", 30, "c1"), "merged", 10),
        (merged("7", 30, ("c1", 45)), "commit", 0),
    ],
)
def test_the_clock_starts_at_the_earliest_of_commit_and_opening_else_at_the_merge(
    report: Report, squashed: Event, clock: str, minutes: int
) -> None:
    answers = report(squashed, deployed("d1", 40, commit="c1"))

    assert answers.rows("changes", "sha", "clock", "lead_time_seconds") == [
        ("c1", clock, minutes * 60)
    ]


def test_reported_by_the_pull_request_and_by_the_push_it_is_one_change(report: Report) -> None:
    answers = report(
        merged("7", 30, ("c1", 29), opened=20),
        merged("c1", 31, ("c1", 10)),
        deployed("d1", 40, commit="c1"),
    )

    assert answers.rows("changes", "sha", "lead_time_seconds", "merged_at") == [
        ("c1", 30 * 60, time_of(30))
    ]


def test_stages_are_of_the_changes_of_which_both_ends_are_known_and_at_least_0(
    report: Report,
) -> None:
    answers = report(
        *(merged("7", 30, ("c1", 0), opened=10), merged("8", 35, ("c2", 33), opened=20)),
        *(deployed("d1", 70, commit="c1"), deployed("d2", 80, commit="c2")),
    )

    lead_time = answers.metric(LEAD_TIME)
    stages = ("commit_to_opened", "opened_to_merged", "merged_to_deployed")
    assert lead_time["value"] == (70 + 60) / 2 * 60
    assert [lead_time[stage] / 60 for stage in stages] == [(10 + 0) / 2, (20 + 15) / 2, 42.5]


def test_the_median_of_an_even_count_and_the_percentiles_are_interpolated(report: Report) -> None:
    answers = report(
        *(merged("c1", 0, ("c1", 0)), deployed("d1", 10, commit="c1")),
        *(merged("c2", 20, ("c2", 20)), deployed("d2", 40, commit="c2")),
    )

    lead_time = answers.metric(LEAD_TIME)
    assert (lead_time["value"], lead_time["count"]) == (15 * 60, 2)
    minutes = {name: value / 60 for name, value in lead_time["percentiles"].items()}
    assert minutes == pytest.approx({"p50": 15, "p75": 17.5, "p90": 19, "p95": 19.5})


@pytest.mark.parametrize(
    ("reported", "committed", "shipped_with"),
    [
        (16, 16, "d3"),
        (15, 16, "d2"),
        (16, 15, "d2"),
        (16, None, "d2"),
    ],
)
def test_a_change_committed_and_reported_more_than_five_minutes_later_is_shipped_by_the_next(
    report: Report, reported: int, committed: int | None, shipped_with: str
) -> None:
    late = "c2" if committed is None else ("c2", committed)
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1"), merged("c2", reported, late)),
        *(merged("c3", 20, before="c2"), deployed("d2", 10, commit="c3")),
        *(merged("c4", 30), deployed("d3", 40, commit="c4")),
    )

    assert shipped(answers) == sorted(["d1 c1", "d2 c3", f"{shipped_with} c2", "d3 c4"])
    assert answers.metric(LEAD_TIME)["contradictions"] == (shipped_with == "d3")


def test_a_change_that_the_deployment_names_contradicts_nothing(report: Report) -> None:
    answers = report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("c2", 90, ("c2", 80)), deployed("d2", 10, commit="c2")),
    )

    assert shipped(answers) == ["d1 c1", "d2 c2"]
    assert answers.metric(LEAD_TIME)["contradictions"] == 0


# 28. What counts.


def test_a_merge_commit_is_no_change_and_its_opening_belongs_to_the_commits_of_its_push(
    report: Report,
) -> None:
    answers = report(
        *(merged("c0", 1), deployed("d1", 2, commit="c0")),
        merged("m1", 30, ("c1", 10), ("c2", 20), ("m1", 30), before="c0"),
        merged("7", 30, ("m1", 30), head="c2", opened=15),
        deployed("d2", 40, commit="m1"),
    )

    assert answers.rows("changes", "deployment", "sha", "clock", "lead_time_seconds") == [
        ("d1", "c0", "merged", 60),
        ("d2", "c1", "commit", 30 * 60),
        ("d2", "c2", "opened", 25 * 60),
    ]


@pytest.mark.parametrize("head", ["elsewhere", "m1"])
def test_a_merge_whose_head_is_no_other_commit_of_the_push_is_a_change(
    report: Report, head: str
) -> None:
    answers = report(
        *(merged("c0", 1), deployed("d1", 2, commit="c0")),
        *(merged("m1", 30, "c1", "m1"), merged("7", 30, "m1", head=head, opened=15)),
        deployed("d2", 40, commit="m1"),
    )

    assert shipped(answers) == ["d1 c0", "d2 c1", "d2 m1"]


def test_of_several_merges_in_a_push_the_nearest_after_a_commit_brought_it(report: Report) -> None:
    answers = report(
        *(merged("c0", 1), deployed("d1", 2, commit="c0")),
        merged("x", 50, *((sha, 45) for sha in ("c1", "m1", "c2", "m2", "x"))),
        *(merged("7", 40, "m1", head="c1", opened=20, branch="develop"),),
        *(merged("8", 41, "m2", head="c2", opened=30, branch="develop"),),
        deployed("d2", 60, commit="x"),
    )

    assert answers.rows("changes", "sha", "opened_at") == [
        ("c0", None),
        ("c1", time_of(20)),
        ("c2", time_of(30)),
        ("x", time_of(30)),
    ]


def test_the_first_deployment_that_names_a_merge_ships_the_nearest_change_that_it_reaches(
    report: Report,
) -> None:
    answers = report(
        merged("c0", 1),
        *(merged("m1", 30, "c1", "c2", "m1"), merged("7", 30, "m1", head="c2", opened=15)),
        deployed("d1", 40, commit="m1"),
    )

    assert shipped(answers) == ["d1 c2"]


def test_in_several_environments_a_change_counts_once_for_each_service_where_it_came_first(
    report: Report,
) -> None:
    answers = report(
        merged("c1", 0),
        deployed("d1", 20, commit="c1", environment="prod-us"),
        deployed("d2", 10, commit="c1", environment="prod-eu"),
        deployed("d3", 40, commit="c1", service="cart"),
    )

    assert [answers.metric(LEAD_TIME)[part] for part in ("count", "value")] == [2, 25 * 60]
    assert answers.metric(LEAD_TIME, environment="prod-us")["value"] == 20 * 60
    by_environment = answers.groups(LEAD_TIME, group_by="environment")
    assert [group["count"] for group in by_environment] == [1, 1, 1]
    [bucket, *_] = answers.ask(f"/metrics/{LEAD_TIME}", service="shop")["groups"][0]["buckets"]
    assert (bucket["count"], bucket["value"]) == (1, 10 * 60)


def test_pushes_that_list_fewer_commits_than_they_had_are_counted(report: Report) -> None:
    answers = report(
        *(merged("c1", 1, totalCommits=9), deployed("d1", 2, commit="c1")),
        *(merged("c2", 3, totalCommits=2), merged("c3", 4, totalCommits=1)),
        *(deployed("d2", 5, commit="c3"), merged("c4", 6), deployed("d3", 7, commit="c4")),
    )

    assert answers.metric(LEAD_TIME)["incomplete_pushes"] == 1


def test_whether_the_author_of_a_change_is_a_bot_is_kept(
    report: Report, database: Database
) -> None:
    report(
        *(merged("c1", 1), deployed("d1", 2, commit="c1")),
        *(merged("c2", 3, {"sha": "c2", "bot": True}), deployed("d2", 4, commit="c2")),
    )

    rows = database.rows("select sha, is_bot from shipped_changes order by sha")
    assert rows == [["c1", False], ["c2", True]]


def test_the_lead_time_is_of_the_week_of_the_deployment(report: Report) -> None:
    week = 7 * 24 * 60
    answers = report(merged("c1", 0, ("c1", 0)), deployed("d1", week + 1, commit="c1"))

    [group] = answers.ask(f"/metrics/{LEAD_TIME}")["groups"]
    assert [bucket["count"] for bucket in group["buckets"]] == [0, 1, 0, 0]
