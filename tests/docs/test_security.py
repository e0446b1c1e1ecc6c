"""The tables of docs/security.md: each row names the test here that tries it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from dora import sink
from tests.broker.stand import Answer, Subscriber
from tests.conftest import FUNCTIONS, Database, Functions, load
from tests.events import carried, cdevent, cloudevent

DOCUMENT = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
PATHS = load(FUNCTIONS["webhooks-endpoint"].folder).SOURCES
STRUCTURED = "application/cloudevents+json"
DEPLOYED = carried(cdevent())
CORRECTION = {"deployment": {"id": "d1"}, "failed": False, "by": "ada", "because": "a false alarm"}
OWN = {
    "argocd": {"type": "dev.dora.argocd.application", "source": "/argocd/argocd/shop"},
    "harbor": {"type": "harbor.artifact.pushed", "source": "/projects/3/webhook/policies/7"},
    "jenkins": {"type": "org.jenkinsci.job.completed", "source": "job/Shop"},
    "jira": {"type": "dev.dora.webhooks.jira", "source": "/webhooks/jira"},
}
MARKS = {"recorded": "true", "catchup": "true", "wayin": "webhooks/github"}
each_mark = pytest.mark.parametrize("mark", MARKS)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Subscriber]:
    """A sink that takes everything; each path has a secret that is its name."""
    subscriber = Subscriber(Answer(202))
    monkeypatch.setenv("K_SINK", subscriber.url)
    for path in PATHS:
        monkeypatch.setenv(f"WEBHOOK_{path.upper().replace('-', '_')}_SECRETS", path)
    yield subscriber
    sink.close()
    subscriber.close()


def post(
    function: Functions,
    path: str,
    body: Any,
    secret: str | None = None,
    content_type: str = STRUCTURED,
) -> TestResponse:
    """Send to a path, with that path's secret unless another is named."""
    shown = (
        {"Authorization": f"Bearer {path if secret is None else secret}"} if secret != "" else {}
    )
    return function("webhooks-endpoint").post(
        json.dumps(body), f"/{path}", content_type=content_type, **shown
    )


def test_each_row_names_a_test_and_each_test_has_a_row() -> None:
    table = DOCUMENT.partition("## Who may send what")[2].partition("\n## ")[0]
    named = re.findall(r"\| `(test_\w+)` \|$", table, re.MULTILINE)
    rows = [line for line in table.splitlines() if line.startswith("| ")]
    heads = [line for line in rows if line.endswith("| tried by |")]
    tests = {name for name in globals() if name.startswith("test_")}

    assert len(named) == len(rows) - len(heads)
    assert {*named} == tests - {"test_each_row_names_a_test_and_each_test_has_a_row"}


@pytest.mark.parametrize("path", PATHS)
def test_without_a_secret_nothing_comes_in(
    function: Functions, broker: Subscriber, path: str
) -> None:
    assert post(function, path, DEPLOYED, secret="").status_code == 401
    assert broker.bodies == []


@pytest.mark.parametrize("path", OWN)
def test_a_tool_speaks_for_itself_alone(function: Functions, broker: Subscriber, path: str) -> None:
    own = cloudevent(**OWN[path])

    for other in (
        own | {"type": "dev.knative.source.github.push"},
        own | {"type": "dev.dora.webhooks.pagerduty"},
        own | {"source": "https://github.com/acme/shop"},
        own | {"source": "/webhooks/pagerduty"},
        DEPLOYED,
    ):
        assert post(function, path, other).status_code == 400, other
    assert broker.bodies == []
    assert post(function, path, own).status_code == 202


@pytest.mark.parametrize("path", PATHS)
def test_a_secret_opens_its_own_path_only(
    function: Functions, broker: Subscriber, path: str
) -> None:
    for other in {*PATHS} - {path}:
        assert post(function, path, DEPLOYED, secret=other).status_code == 401
    assert broker.bodies == []


def test_a_pipeline_reports_cdevents_and_nothing_else(
    function: Functions, broker: Subscriber
) -> None:
    person = cdevent() | {"subject": {"id": "d1", "content": CORRECTION}}
    person["context"] |= {"type": "dev.cdeventsx.dora-correction.created.0.1.0"}
    made = cdevent(source="/webhooks/pagerduty")

    for other in (
        cloudevent(type="dev.knative.source.github.push"),
        cloudevent(type="dev.dora.webhooks.pagerduty", source="/webhooks/pagerduty"),
        carried(person),
        carried(made),
    ):
        assert post(function, "generic", other).status_code == 400, other
    for plain in (person, made):
        answer = post(function, "generic", plain, content_type="application/json")
        assert answer.status_code == 400
    assert broker.bodies == []
    assert post(function, "generic", DEPLOYED).status_code == 202


def test_a_person_corrects_and_does_nothing_else(function: Functions, broker: Subscriber) -> None:
    assert post(function, "correction", DEPLOYED).status_code == 400
    assert broker.bodies == []
    assert post(function, "correction", CORRECTION).status_code == 202


def test_a_bound_source_comes_by_its_own_way(
    function: Functions, broker: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_WAYS", "/other=cluster, /te*=webhooks/harbor")

    answer = post(function, "generic", DEPLOYED)

    assert answer.status_code == 400
    assert answer.text == "expected events of '/tests' by webhooks/harbor, to which it is bound"
    monkeypatch.setenv("SOURCE_WAYS", "/te*=webhooks/generic")
    assert post(function, "generic", DEPLOYED).status_code == 202
    assert len(broker.bodies) == 1


@each_mark
def test_a_webhook_sets_no_mark(function: Functions, broker: Subscriber, mark: str) -> None:
    for path, event in [("generic", DEPLOYED), ("jenkins", cloudevent(**OWN["jenkins"]))]:
        answer = post(function, path, event | {mark: MARKS[mark]})

        assert answer.status_code == 400
        assert answer.text.startswith(f"expected no attribute {mark}, which dora-cloudevents alone")
    assert broker.bodies == []


@each_mark
@pytest.mark.parametrize("name", ["cdevents-endpoint", "cloudevents-endpoint"])
def test_a_batch_sets_no_mark(
    database: Database, function: Functions, mark: str, name: str
) -> None:
    batch = [DEPLOYED, carried(cdevent(id="d2")) | {mark: MARKS[mark]}]

    answer = function(name).post(
        json.dumps(batch), content_type="application/cloudevents-batch+json"
    )

    assert database
    assert answer.json
    assert answer.json == {"kept": 2, "refused": []}
    assert database.rows("select distinct way from cdevents_raw") in ([], [["cluster"]])
    assert database.rows("select distinct way from cloudevents_raw") in ([], [["cluster"]])


@pytest.mark.parametrize("mark", ["recorded", "catchup"])
def test_a_mark_from_the_cluster_does_nothing(
    database: Database, function: Functions, mark: str
) -> None:
    for _ in range(2):
        answer = function("cdevents-endpoint").post(DEPLOYED | {mark: "true"})
        function("cloudevents-endpoint").post(cloudevent(**{mark: "true"}))

    if mark == "recorded":  # it goes round no more
        assert (answer.status_code, answer.data) == (204, b"")
    else:
        assert json.loads(answer.data) == DEPLOYED | {"recorded": "true"}
    assert database.rows("select content from cdevents_raw") == [[DEPLOYED["data"]]]
    assert database.rows("select content from cloudevents_raw") == [[cloudevent()]]


def reports(first: str | None, second: str | None, **parts: Any) -> list[dict[str, Any]]:
    """Return what two ways say of one CDEvent and of one CloudEvent; the second says it is earlier."""
    early = cdevent(time="2026-01-05T11:00:00Z", subject="forged", **parts)
    said = [
        carried(cdevent(**parts), wayin=first),
        carried(early, wayin=second),
        cloudevent(wayin=first),
        cloudevent(wayin=second, data={"hello": "forged"}),
    ]
    return [{name: value for name, value in each.items() if value is not None} for each in said]


def send(function: Functions, events: list[dict[str, Any]]) -> None:
    """Send events as a Broker would, the whole list twice."""
    for event in [*events, *events]:
        name = "cdevents" if event["type"].startswith("dev.cdevents") else "cloudevents"
        assert function(f"{name}-endpoint").post(event).status_code in (200, 204)


def require_first(database: Database, function: Functions, first: str, second: str) -> None:
    """Check that the first way's word is kept, and the second's beside it and reported."""
    assert database.rows("select cd_subject_id, way from cdevents_raw") == [["shop", first]]
    assert database.rows("select distinct cd_subject_id, way from cdevents_replaced") == [
        ["forged", second]
    ]
    assert database.rows("select content, way from cloudevents_raw") == [[cloudevent(), first]]
    assert database.rows("select distinct content -> 'data', way from cloudevents_replaced") == [
        [{"hello": "forged"}, second]
    ]
    answer = json.loads(function("metrics-endpoint").get("/quality").data)
    [problem] = [each for each in answer["problems"] if each["kind"] == "other_ways"]
    assert (problem["source"], problem["count"]) == ("/tests", 2)
    assert problem["what"].startswith(f"{second} said otherwise what 2 events of /tests say")
    assert f"the word of {first} holds" in problem["what"]


each_order = pytest.mark.parametrize("order", [1, -1], ids=["first", "last"])


@each_order
def test_a_sender_in_the_cluster_replaces_no_tools_word(
    database: Database, function: Functions, order: int
) -> None:
    send(function, reports("webhooks/github", None)[::order])

    require_first(database, function, "webhooks/github", "cluster")


@each_order
def test_a_pipeline_replaces_nobodys_word(
    database: Database, function: Functions, order: int
) -> None:
    send(function, reports(None, "webhooks/generic")[::order])

    require_first(database, function, "cluster", "webhooks/generic")


BINDINGS = {"webhooks/generic": "webhooks/generic", "serviceaccount/ci/pipeline": "cluster"}


@each_order
@pytest.mark.parametrize("bound", BINDINGS)
def test_the_word_of_the_bound_way_holds(
    database: Database, function: Functions, bound: str, order: int
) -> None:
    way = BINDINGS[bound]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_WAYS", f"/tests={bound}")

        said = reports(None if way == "cluster" else way, "webhooks/github")
        send(function, said[::order])

        require_first(database, function, way, "webhooks/github")
