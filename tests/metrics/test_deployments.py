"""What counts as a deployment: CDEvents in, rows of deployments out."""

from __future__ import annotations

import pytest

from tests.conftest import Database
from tests.events import cdevent, revision
from tests.metrics.conftest import History

IDS = "select deploy_id from deployments order by deploy_id"


def ids(database: Database) -> list[str]:
    return [row[0] for row in database.rows(IDS)]


@pytest.mark.parametrize("predicate", ["deployed", "upgraded", "rolledback"])
def test_a_service_that_is_deployed_upgraded_or_rolled_back_is_a_deployment(
    database: Database, happened: History, predicate: str
) -> None:
    happened([cdevent(f"service.{predicate}")])

    assert database.rows(
        "select deploy_id, deploy_name, environment_id, artifact_id, predicate from deployments"
    ) == [["d1", "shop", "production", "pkg:oci/shop?tag=1", predicate]]


@pytest.mark.parametrize("predicate", ["removed", "published"])
def test_a_service_that_is_removed_or_published_is_none(
    database: Database, happened: History, predicate: str
) -> None:
    happened([cdevent(f"service.{predicate}", content={"environment": {"id": "production"}})])

    assert ids(database) == []


def test_a_revision_with_the_template_of_the_one_before_is_a_restart(
    database: Database, happened: History
) -> None:
    happened([revision(1, "a"), revision(2, "a"), revision(3, "b")])

    assert ids(database) == ["u1-1", "u1-3"]


def test_a_return_to_an_earlier_template_is_a_deployment(
    database: Database, happened: History
) -> None:
    happened([revision(1, "a"), revision(2, "b"), revision(3, "a")])

    assert ids(database) == ["u1-1", "u1-2", "u1-3"]


def test_a_revision_that_was_never_done_does_not_separate_a_restart(
    database: Database, happened: History
) -> None:
    happened([revision(2, "a"), revision(4, "a")])

    assert ids(database) == ["u1-2"]


def test_an_event_that_comes_late_turns_the_next_one_into_a_restart(
    database: Database, happened: History
) -> None:
    happened([revision(2, "a")])
    assert ids(database) == ["u1-2"]

    happened([revision(1, "a")])

    assert ids(database) == ["u1-1"]


def test_an_event_that_comes_late_turns_a_restart_into_a_deployment(
    database: Database, happened: History
) -> None:
    happened([revision(1, "a"), revision(3, "a")])
    assert ids(database) == ["u1-1"]

    happened([revision(2, "b")])

    assert ids(database) == ["u1-1", "u1-2", "u1-3"]


def test_an_event_reported_anew_with_an_earlier_time_moves_its_row(
    database: Database, happened: History
) -> None:
    happened([cdevent(time="2026-01-05T12:00:00Z"), cdevent(time="2026-01-05T11:00:00Z")])

    assert database.rows("select to_char(time_created, 'HH24:MI') from deployments") == [["11:00"]]
