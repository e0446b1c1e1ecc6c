"""What is written of each event when it is recorded: facts that need no other event."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Database, Functions
from tests.events import carried
from tests.metrics.happenings import at, deployed, incident, merged, packaged, published, time_of

REPOSITORIES = {
    "https://github.com/acme/shop": "https://github.com/acme/shop",
    "http://GitHub.com/acme/shop/": "https://github.com/acme/shop",
    "https://bot:secret@github.com/acme/shop.git": "https://github.com/acme/shop",
    "git@github.com:acme/shop.git": "https://github.com/acme/shop",
    "ssh://git@github.com:22/acme/shop.git/": "https://github.com/acme/shop",
    "ssh://git@git.example.com:7999/acme/Shop": "https://git.example.com:7999/acme/Shop",
    "git+https://github.com/acme/shop": "https://github.com/acme/shop",
    "git://github.com/group/sub/shop": "https://github.com/group/sub/shop",
    "acme/shop": "acme/shop",
}
DIGEST = "sha256:" + "8c1f" * 16
# Of each: its canonical form, its digest, its repository and tag.
ARTIFACTS = {
    "pkg:oci/shop?tag=1&repository_url=ghcr.io%2Facme%2Fshop": (
        "pkg:oci/shop?repository_url=ghcr.io/acme/shop&tag=1",
        None,
        "ghcr.io/acme/shop:1",
    ),
    f"pkg:oci/shop@{DIGEST.replace(':', '%3A')}?tag=1&repository_url=ghcr.io/acme/shop": (
        f"pkg:oci/shop@{DIGEST}?repository_url=ghcr.io/acme/shop&tag=1",
        DIGEST,
        "ghcr.io/acme/shop:1",
    ),
    f"pkg:oci/shop@{DIGEST.upper().replace('SHA', 'sha')}": (
        f"pkg:oci/shop@{DIGEST.upper().replace('SHA', 'sha')}",
        DIGEST,
        None,
    ),
    "pkg:oci/nginx?repository_url=docker.io/library/nginx&tag=1": (
        "pkg:oci/nginx?tag=1",
        None,
        "nginx:1",
    ),
    "pkg:oci/nginx?tag=1": ("pkg:oci/nginx?tag=1", None, "nginx:1"),
    "pkg:generic/shop@1.0%2B2": ("pkg:generic/shop@1.0+2", None, None),
    "pkg:generic/shop@%FF": ("pkg:generic/shop@%FF", None, None),
    "shop 1.0": ("shop 1.0", None, None),
}
TAGS = {
    "4f9ad31": "4f9ad31",
    "sha-4F9AD31": "4f9ad31",
    "main-4f9ad31b0c": "4f9ad31b0c",
    "release-2-" + "4f" * 20: "4f" * 20,
    "4f9ad3": None,
    "v4f9ad31": None,
    "4f" * 20 + "4": None,
    "1.4.2": None,
}


@pytest.mark.parametrize(("url", "canonical"), REPOSITORIES.items())
def test_a_repository_has_one_canonical_form(
    emptied_database: Database, url: str, canonical: str
) -> None:
    assert emptied_database.rows("select canonical_repository(:url)", url=url) == [[canonical]]


@pytest.mark.parametrize(("purl", "parts"), ARTIFACTS.items())
def test_an_artifact_has_one_canonical_form_and_its_digest_and_tag_stand_in_it(
    emptied_database: Database, purl: str, parts: tuple[str, str | None, str | None]
) -> None:
    found = emptied_database.rows(
        "select artifact, artifact_digest(artifact), artifact_tag_key(artifact)"
        " from canonical_artifact(:purl) as artifact",
        purl=purl,
    )

    assert found == [list(parts)]


@pytest.mark.parametrize(("tag", "commit"), TAGS.items())
def test_a_tag_may_be_a_commit(emptied_database: Database, tag: str, commit: str | None) -> None:
    artifact = f"pkg:oci/shop?repository_url=ghcr.io/acme/shop&tag={tag}"

    assert emptied_database.rows("select commit_of_tag(:artifact)", artifact=artifact) == [[commit]]


def _record(function: Functions, *events: dict[str, Any]) -> None:
    for event in events:
        assert function("cdevents-endpoint").post(carried(event)).status_code == 200


def test_a_service_event_is_a_fact(emptied_database: Database, function: Functions) -> None:
    custom = {
        "commit": "4F9AD31",
        "repository": "git@github.com:acme/shop.git",
        "images": ["pkg:oci/shop?tag=main-1234567", "pkg:oci/proxy?tag=2"],
        "startedAt": time_of(4),
        "unplanned": True,
        "uid": "u1",
        "revision": 3,
    }
    _record(function, deployed("d1", 5, artifact="pkg:oci/shop?tag=main-1234567", **custom))

    assert emptied_database.rows(
        "select happened_at, revision, uid, repository_url, tag_key, images, commit_name,"
        " started_at, is_unplanned from service_events"
    ) == [
        [
            *(at(5), 3, "u1", "https://github.com/acme/shop", "shop:main-1234567"),
            *(custom["images"], "4f9ad31", at(4), True),
        ]
    ]
    assert emptied_database.rows("select key from version_keys order by key") == [
        ["commit 1234567"],
        ["commit 4f9ad31"],
        ["tag proxy:2"],
        ["tag shop:main-1234567"],
    ]


def test_an_artifact_event_is_a_fact(emptied_database: Database, function: Functions) -> None:
    _record(
        function,
        packaged("pkg:oci/shop?tag=1", "a1", 1),
        published(f"pkg:oci/shop@{DIGEST}", 2, commit="B2", repository="ssh://x/r.git"),
    )

    assert emptied_database.rows(
        "select digest, tag_key, change_name, commit_name, repository_url from artifact_events"
        " order by happened_at"
    ) == [[None, "shop:1", "a1", None, None], [DIGEST, None, None, "b2", "https://x/r"]]
    assert emptied_database.rows("select key, is_service from version_keys order by key") == [
        ["commit a1", False],
        ["commit b2", False],
    ]


def test_a_change_is_a_fact(emptied_database: Database, function: Functions) -> None:
    zeros = "0" * 40
    _record(
        function,
        merged("17", 1, ("A1", 0), head="H1", before=zeros, totalCommits=3, defaultBranch="main"),
        merged("c2", 2, before="A1", branch="next"),
    )

    assert emptied_database.rows(
        "select subject_id, last_sha, branch, before, head, default_branch, reports_merge,"
        " total_commits from changes_merged order by merged_at"
    ) == [
        ["17", "a1", "main", None, "H1", "main", True, 3],
        ["c2", "c2", "next", "a1", None, None, False, 1],
    ]


def test_an_earlier_report_of_an_event_leaves_no_fact_of_the_later(
    emptied_database: Database, function: Functions
) -> None:
    _record(
        function,
        deployed("d1", 5, artifact="pkg:oci/shop?tag=2", commit="c2"),
        deployed("d1", 4, artifact="pkg:oci/shop?tag=1", commit="c1"),
    )

    keys = emptied_database.rows("select key, happened_at from version_keys order by key")

    assert keys == [["commit c1", at(4)], ["tag shop:1", at(4)]]
    assert emptied_database.rows("select artifact from service_events") == [["pkg:oci/shop?tag=1"]]


def test_an_earlier_report_of_an_event_leaves_no_name_team_and_tier_of_the_later(
    emptied_database: Database, function: Functions
) -> None:
    for event in (
        deployed("d1", 1, team="storefront", tier="staging"),
        deployed("d2", 5, service="cart"),
        deployed("d3", 6, team="checkout", tier="production"),
        deployed("d2", 4),
        deployed("d3", 3),
    ):
        _record(function, event)

    assert emptied_database.rows(
        "select service_name, first_named_at, team from named_services"
    ) == [["shop", at(1), "storefront"]]
    assert emptied_database.rows("select environment_name, tier from named_environments") == [
        ["production", "staging"]
    ]


def test_names_of_services_are_known_by_tool_and_environment_since_their_first_event(
    emptied_database: Database, function: Functions
) -> None:
    _record(
        function,
        deployed("d1", 5, team="old", tier="production"),
        deployed("d2", 7, team="new", tier="staging"),
        deployed("d3", 8, tier="other"),
        incident("detected", 3, source="/pager"),
        incident("resolved", 4, source="/pager"),
    )

    assert emptied_database.rows(
        "select cd_source, first_named_at, team from named_services order by cd_source"
    ) == [["/pager", at(3), None], ["/tests", at(5), "new"]]
    assert emptied_database.rows("select environment_name, tier from named_environments") == [
        ["production", "staging"]
    ]
