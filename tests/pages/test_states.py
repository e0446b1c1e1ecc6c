"""What a page may do, whatever anybody sends; and what it says where little is known."""

from __future__ import annotations

from typing import Any

import pytest

from dora import database as dora_database
from dora.pages.pages import PAGES
from tests.conftest import Database
from tests.metrics.conftest import FOUR_WEEKS, Report, emptied_database, modules_database, report
from tests.metrics.happenings import deployed, incident
from tests.pages.conftest import BROWSER, POLICY, Browser

__all__ = ["emptied_database", "modules_database", "report"]
# What each path takes so that there is something to see.
TAKES: dict[str, dict[str, Any]] = {
    "/deployment": {"source": "/tests", "id": "d1"},
    "/incident": {"source": "/tests", "id": "1"},
}
WEEKS: dict[str, Any] = dict(FOUR_WEEKS)
HTML = [path for path in PAGES if not path.endswith(".svg")]


@pytest.fixture
def database(emptied_database: Database) -> Database:
    return emptied_database


@pytest.mark.parametrize("path", HTML)
def test_a_page_may_load_its_own_style_and_nothing_else(
    database: Database, report: Report, browser: Browser, path: str
) -> None:
    report(deployed("d1", 1), incident("detected", 2))
    asked: dict[str, Any] = TAKES.get(path, {})
    answer, page = browser.get(path, **asked), browser.page(path, **asked)

    assert database
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "accept" in answer.headers["vary"].lower()
    assert not [
        one for one in page.elements if one.tag in ("script", "iframe", "object", "img", "style")
    ]
    assert not [
        name
        for one in page.elements
        for name in one.attributes
        if name == "style" or name.startswith("on")
    ]
    loaded = [
        one.attributes["href"]
        for one in page.all("link")
        if one.attributes["rel"] in ("stylesheet", "icon")
    ]
    assert len(loaded) == 2
    for link in loaded:
        file = browser.get("/" + link.lstrip("./"))
        assert (file.status_code, file.headers["cache-control"]) == (
            200,
            "public, max-age=31536000, immutable",
        )


def test_before_anything_came_the_page_says_how_the_first_event_comes(
    database: Database, browser: Browser
) -> None:
    page = browser.page("/")

    assert database
    assert "No event has come yet" in page.one(id="first").text
    assert "dev.cdevents.service.deployed.0.3.0" in page.one("pre").text
    assert not page.all(class_="card")


def test_what_nobody_knows_has_a_reason_and_what_a_level_takes(
    report: Report, browser: Browser
) -> None:
    report(deployed("d1", 1))
    page = browser.page("/", **WEEKS)

    assert "No incident source is connected" in page.one(id="change-failure-rate").text
    assert "not known" in page.one(id="lead-time-for-changes").text
    assert "nobody knows what failed" in page.one(id="trust").text

    report(incident("detected", 2))
    page = browser.page("/", **WEEKS)
    assert (
        "takes at least 5 deployments, there are 1: 4 more"
        in page.one(id="change-failure-rate").text
    )


def test_a_name_of_anything_has_a_page(report: Report, browser: Browser) -> None:
    names = ["a/b c?d&e=f#g", "100%25", "<b>", "ü/日本", "'; drop table x"]
    report(*(deployed(f"d{number}", number + 1, service=name) for number, name in enumerate(names)))
    page = browser.page("/", **WEEKS)

    links = [
        one for one in page.all("a") if one.parent and one.parent.attributes.get("scope") == "row"
    ]
    assert sorted(one.text for one in links) == sorted(names)
    for link in links:
        answer = browser.endpoint.client.get(
            link.attributes["href"].lstrip("."), headers={"accept": BROWSER}
        )
        assert answer.status_code == 200
        assert browser.page("/", service=link.text, **WEEKS).one("h1").text == link.text


def test_services_come_in_pages_by_name(report: Report, browser: Browser) -> None:
    names = [f"service-{number:02}" for number in range(45)]
    report(*(deployed(f"d-{name}", 60, service=name) for name in names))
    page, seen = browser.page("/", **WEEKS), list[str]()
    assert "10 of 45, by name" in page.one(id="services").text

    while True:
        rows = [one for one in page.all("th", scope="row") if one.within("id") == "services"]
        seen += [one.text.strip() for one in rows]
        following = [one for one in page.all("a") if one.text == "Next services"]
        if not following:
            break
        page = browser.page(following[0].attributes["href"].lstrip("."))

    assert seen == names


def test_a_page_asks_within_one_snapshot(
    report: Report, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(*(deployed(f"d-{name}", 60, service=name) for name in ("cart", "search", "shop")))
    ran: list[str] = []
    run = dora_database._run

    def noting(name: str, parameters: dict[str, Any]) -> list[list[Any]]:
        ran.append(name)
        return run(name, parameters)

    monkeypatch.setattr(dora_database, "_run", noting)
    browser.page("/", **WEEKS)

    assert ran[0] == "begin_snapshot"
    assert ran[-1] == "commit"
    assert ran.count("begin_snapshot") == 1
    # However many services there are.
    assert len(ran) == 35
