"""Who may ask, where a token is asked for."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Database, Functions
from tests.events import carried, cdevent, cloudevent
from tests.metrics.conftest import METRICS, looked_at, modules_database

__all__ = ["looked_at", "modules_database"]
TOKENS = "first,second\nshop-only=storefront|payments, nobody=,=all"
TICK = cloudevent(type="dev.knative.sources.ping", catchup="true")


@pytest.fixture(scope="module")
def services(looked_at: Database, function: Functions) -> None:
    """A service of each of two teams."""
    assert looked_at
    for service, team in (("shop", "storefront"), ("mail", "office")):
        event = cdevent(id=service, subject=service, custom={"team": team})
        assert function("cdevents-endpoint").post(carried(event)).status_code == 200
    for metric in METRICS:
        function(metric).post(TICK)


@pytest.fixture
def asked(services: None, function: Functions, monkeypatch: pytest.MonkeyPatch) -> Functions:
    """Two services, and tokens."""
    assert services is None
    monkeypatch.setenv("READ_TOKENS", TOKENS)
    return function


def get(
    function: Functions, path: str, authorization: str | None, accept: str = "*/*"
) -> TestResponse:
    headers = {"accept": accept}
    if authorization is not None:
        headers["authorization"] = authorization
    client = function("metrics-endpoint")
    with client._deployed():
        return client.client.get(path, headers=headers)


@pytest.mark.parametrize(
    "shown",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer third",
        "Bearer firs",
        "Basic Zmlyc3Q=",
        "first",
        "Bearer =all",
    ],
)
@pytest.mark.parametrize("path", ["/summary", "/", "/metrics", "/badge/lead-time-for-changes.svg"])
def test_without_a_token_nobody_sees_anything(
    asked: Functions, path: str, shown: str | None
) -> None:
    answer = get(asked, path, shown, "text/html")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "shop" not in answer.text


@pytest.mark.parametrize("token", ["first", "second"])
def test_several_tokens_see_all_at_once(asked: Functions, token: str) -> None:
    answer = get(asked, "/services", f"Bearer {token}")

    assert answer.status_code == 200
    assert "shop" in answer.text
    assert "mail" in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    assert get(asked, "/", f"bearer {token}", "text/html").status_code == 200


@pytest.mark.parametrize(
    "path", ["/services", "/summary?from=2026-01-01", "/deployments?from=2026-01-01"]
)
def test_a_token_of_some_teams_sees_those_alone(asked: Functions, path: str) -> None:
    answer = get(asked, path, "Bearer shop-only", "text/html")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert "shop" in answer.text
    assert "mail" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/overview",
        "/quality",
        "/sources",
        "/teams",
        "/metrics",
        "/deployment?source=/tests&id=mail",
        "/services?team=office",
        "/summary?team=storefront&team=office",
        "/deploy-frequency/day",
    ],
)
def test_what_is_not_of_its_teams_is_403(asked: Functions, path: str) -> None:
    answer = get(asked, path, "Bearer shop-only")

    assert answer.status_code == 403
    assert json.loads(answer.data)["error"].startswith("expected ")


def test_a_token_of_no_team_sees_nothing(asked: Functions) -> None:
    answer = get(asked, "/services", "Bearer nobody")

    assert "shop" not in answer.text
    assert "mail" not in answer.text


def test_where_no_token_is_set_anyone_may_ask(
    asked: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READ_TOKENS", " ,\n")

    assert get(asked, "/services", None).status_code == 200
