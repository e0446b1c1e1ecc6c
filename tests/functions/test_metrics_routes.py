"""One table of routes: what is described is what is answered, and what it costs."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from dora import database as dora_database
from dora.questions.metrics import METRICS, Metric
from dora.questions.routes import ROUTES, routes
from scripts.write_routes import PAGE, written
from tests.conftest import Database, FunctionClient, Functions
from tests.metrics.conftest import FOUR_WEEKS, looked_at, modules_database, reporting
from tests.metrics.happenings import deployed, incident, merged

__all__ = ["looked_at", "modules_database"]
ONE = {
    "/deployment": {"source": "/tests", "id": "d2"},
    "/incident": {"source": "/tests", "id": "1"},
}


@pytest.fixture(scope="module")
def endpoint(looked_at: Database, function: Functions) -> FunctionClient:
    """The metrics endpoint; something has happened of which each answer says something."""
    assert looked_at
    reporting(function)(
        merged("a1", 1),
        deployed("d1", 2, commit="a1", team="storefront"),
        deployed("d2", 3, service="cart"),
        incident("detected", 4),
        deployed("d3", 5, kind="rolledback"),
    )
    return function("metrics-endpoint")


@pytest.fixture(scope="module")
def described(endpoint: FunctionClient) -> dict[str, Any]:
    description: dict[str, Any] = json.loads(endpoint.get("/openapi.json").data)
    return description


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the statements that run, in their order."""
    ran: list[str] = []
    run = dora_database._run

    def noting(name: str, parameters: dict[str, Any]) -> list[list[Any]]:
        ran.append(name)
        return run(name, parameters)

    monkeypatch.setattr(dora_database, "_run", noting)
    return ran


@pytest.mark.parametrize("path", ROUTES)
def test_each_answer_has_the_shape_that_its_route_says(
    endpoint: FunctionClient, described: dict[str, Any], path: str
) -> None:
    asked = FOUR_WEEKS if "from" in ROUTES[path].parameters else ONE.get(path, {})
    answer = endpoint.get(path, **asked)

    jsonschema.validate(json.loads(answer.data), ROUTES[path].shape)
    operation = described["paths"][path]["get"]
    shape = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(json.loads(answer.data), shape | {"components": described["components"]})


def test_every_operation_has_an_id_of_its_own_and_refers_to_what_is_there(
    described: dict[str, Any],
) -> None:
    ids = [path["get"]["operationId"] for path in described["paths"].values()]
    badges = {f"/badge/{{metric}}.{form}" for form in ("svg", "json")}
    referred = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(described)))

    assert len(set(ids)) == len(ids)
    assert set(described["paths"]) == ROUTES.keys() | badges
    assert {
        "paths",
        "overview",
        "openapi",
        "badge",
        "metricsLeadTimeForChanges",
        "deployFrequencyDay",
    } < set(ids)
    assert referred == {
        (kind, name) for kind, named in described["components"].items() for name in named
    }
    assert {
        ("schemas", "Bucket"),
        ("schemas", "Deployment"),
        ("responses", "Unavailable"),
    } < referred
    assert described["servers"] == [{"url": "."}]


def test_the_page_of_questions_has_the_tables_of_the_routes() -> None:
    assert PAGE.read_text() == written(), "write it anew: python -m scripts.write_routes"


def test_an_entry_among_the_metrics_can_be_asked(
    endpoint: FunctionClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    abandonments = Metric(
        "How often services are abandoned.",
        "abandonments a day",
        "metrics/deployment-frequency/query",
    )
    monkeypatch.setitem(METRICS, "abandonments", abandonments)
    assert routes().keys() - ROUTES.keys() == {"/metrics/abandonments"}

    monkeypatch.setitem(ROUTES, "/metrics/abandonments", routes()["/metrics/abandonments"])
    answer = json.loads(endpoint.get("/metrics/abandonments", **FOUR_WEEKS).data)

    assert (answer["metric"], answer["unit"]) == ("abandonments", "abandonments a day")
    assert answer["groups"][0]["count"] == 3
    assert (
        "abandonments"
        in json.loads(endpoint.get("/summary", **FOUR_WEEKS).data)["services"][0]["metrics"]
    )


def test_the_summary_asks_for_what_all_metrics_share_once_and_sees_one_moment(
    endpoint: FunctionClient, statements: list[str]
) -> None:
    assert endpoint.get("/summary", **FOUR_WEEKS).status_code == 200

    values = {each.statement for each in METRICS.values()}
    beside = {name for each in METRICS.values() for name in each.beside}
    of_metrics = [name for name in statements if name in values | beside]
    assert statements == [
        "begin_snapshot",
        "endpoints/metrics/query_facts",
        *of_metrics,
        "endpoints/metrics/query_levels",
        "endpoints/metrics/query_about",
        "commit",
    ]
    # Values twice, for the span before, of which nothing else is shown; what stands beside them once,
    # beside however many metrics: 13, so 18 in all.
    assert sorted(of_metrics) == sorted([*values, *values, *beside])


def test_an_answer_is_of_one_moment(database: Database) -> None:
    with dora_database.snapshot():
        before = dora_database.one("endpoints/metrics/read_teams")
        database.rows("insert into catalog_services values ('shop', 'storefront')")
        assert dora_database.one("endpoints/metrics/read_teams") == before == {}

    assert dora_database.one("endpoints/metrics/read_teams") == {"shop": "storefront"}
