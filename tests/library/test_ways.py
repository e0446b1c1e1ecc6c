"""The way by which an event came goes on with it."""

from __future__ import annotations

import json

import pytest

from dora.errors import PermanentError
from dora.ways import bound_way, rank
from tests.conftest import Database, Functions
from tests.events import carried, cdevent, example


def test_what_becomes_of_an_event_has_its_way(database: Database, function: Functions) -> None:
    event = example("github-transformer", "01") | {"wayin": "webhooks/github"}

    made = json.loads(function("github-transformer").post(event).data)
    recorded = json.loads(function("cdevents-endpoint").post(made).data)

    assert made["wayin"] == recorded["wayin"] == "webhooks/github"
    assert database.rows("select way, way_rank from cdevents_raw") == [["webhooks/github", 1]]


def test_what_is_no_way_is_from_the_cluster(database: Database, function: Functions) -> None:
    function("cdevents-endpoint").post(carried(cdevent(), wayin="by nobody"))

    assert database.rows("select way, way_rank from cdevents_raw") == [["cluster", 2]]


def test_the_first_pattern_that_fits_binds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "SOURCE_WAYS", "/a/b=webhooks/jira,/a/*=serviceaccount/ci/pipeline,*=cluster"
    )

    assert bound_way("/a/b") == "webhooks/jira"
    assert bound_way("/a/c") == "cluster"
    assert [rank(way, "/a/b") for way in ("webhooks/jira", "webhooks/x", "cluster")] == [0, 1, 2]
    assert rank("webhooks/generic", "/a/b") == 3


@pytest.mark.parametrize("entry", ["/a", "=cluster", "/a=", "/a=webhooks", "/a=Broker"])
def test_a_binding_to_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    monkeypatch.setenv("SOURCE_WAYS", entry)

    with pytest.raises(PermanentError, match="expected SOURCE_WAYS to list pattern=way"):
        bound_way("/tests")
