"""Every number on a page is the API's, and leads to the rows that it is made of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dora.questions.metrics import METRICS
from tests.pages.conftest import Browser
from tests.pages.html import Page

SUBJECTS: list[dict[str, Any]] = [
    {},
    {"service": "shop"},
    {"team": "payments"},
    {"environment": "blue"},
    {"timezone": "Asia/Tokyo", "bucket": "day"},
    {"service": "nobody-knows-this"},
]


def value(text: str) -> Any:
    return json.loads(text)


@pytest.mark.parametrize("asked", SUBJECTS, ids=str)
def test_each_metric_of_the_overview_is_what_the_api_says(
    browser: Browser, told: dict[str, Any], asked: dict[str, Any]
) -> None:
    page = browser.page("/", **told | asked)

    for metric in METRICS:
        [group] = browser.answer(
            f"/metrics/{metric}", **told | {"compare": "previous", "bucket": "day"} | asked
        )["groups"]
        card = [one for one in page.elements if one.within("id") == metric]
        shown = [one for one in card if one.attributes.get("class") == "value"]
        assert [value(one.attributes["data-value"]) for one in shown] == [group["value"]]
        levels = [one.attributes["data-level"] for one in card if "data-level" in one.attributes]
        assert levels == ([group["level"]] if group["level"] else [])
        rows = [
            value(one.attributes["data-value"])
            for one in card
            if one.tag == "td" and "data-value" in one.attributes
        ]
        assert rows == [each["value"] for each in group["buckets"]]
        changes = [
            value(one.attributes["data-change"]) for one in card if "data-change" in one.attributes
        ]
        assert changes == (
            [group["previous"]["change"]] if group["previous"]["change"] is not None else []
        )


def test_each_service_of_the_overview_is_what_the_summary_says(
    browser: Browser, told: dict[str, Any]
) -> None:
    page = browser.page("/", **told)
    summary = browser.answer("/summary", service=["ledger", "shop"], **told)["services"]

    cells = [
        one
        for one in page.elements
        if one.tag == "td" and one.within("id") == "services" and "data-metric" in one.attributes
    ]
    shown = [value(one.attributes["data-value"]) for one in cells]
    assert shown == [each["metrics"][metric]["value"] for each in summary for metric in METRICS]
    assert [each["service"] for each in summary] == ["ledger", "shop"]


@pytest.mark.parametrize(("asked", "links"), [({}, 9), ({"service": "shop"}, 8)], ids=str)
def test_a_count_leads_to_as_many_rows(
    browser: Browser, told: dict[str, Any], asked: dict[str, Any], links: int
) -> None:
    page = browser.page("/", **told | asked)
    counted = [one for one in page.elements if "data-count" in one.attributes]

    assert len(counted) == links
    for link in counted:
        [rows] = [
            part
            for part in browser.follow(f"{link.attributes['href']}&limit=1000").values()
            if isinstance(part, list)
        ]
        assert len(rows) == int(link.attributes["data-count"]), link.attributes["href"]


def test_a_doubt_leads_to_as_many_rows(browser: Browser, told: dict[str, Any]) -> None:
    page = browser.page("/", **told)
    doubts = {
        one.attributes["data-doubt"]: one for one in page.elements if "data-doubt" in one.attributes
    }

    assert set(doubts) == {"unknown_tier", "unlinked", "unattributed"}
    for name, path in (("unlinked", "deployments"), ("unattributed", "incidents")):
        rows = browser.follow(doubts[name].attributes["href"])[path]
        assert len(rows) == int(doubts[name].attributes["data-value"])
    assert doubts["unknown_tier"].attributes["data-value"] == "1"
    assert "With care" in page.one(id="trust").text


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("by", [None, "service", "team", "environment"])
def test_the_page_of_a_metric_is_what_the_api_says(
    browser: Browser, told: dict[str, Any], metric: str, by: str | None
) -> None:
    asked = told | ({"group_by": by} if by else {})
    page = browser.page(f"/metrics/{metric}", **asked)
    groups = browser.answer(f"/metrics/{metric}", bucket="day", **asked)["groups"]

    shown = [value(one.attributes["data-value"]) for one in page.all("p", class_="value")]
    assert shown == [group["value"] for group in groups]
    if by:
        named = [
            one.attributes["data-group"] for one in page.elements if "data-group" in one.attributes
        ]
        assert named == [group[by] or "" for group in groups]
    rows = [
        value(one.attributes["data-value"])
        for one in page.elements
        if one.tag == "td" and "data-value" in one.attributes
    ]
    assert rows == [each["value"] for group in groups for each in group["buckets"]]


def test_the_stages_of_the_lead_time_are_the_apis(browser: Browser, told: dict[str, Any]) -> None:
    page = browser.page("/", **told)
    [group] = browser.answer("/metrics/lead-time-for-changes", bucket="all", **told)["groups"]

    shown = [
        value(one.attributes["data-value"])
        for one in page.elements
        if "data-stage" in one.attributes
    ]
    assert shown == [
        group[f"{stage}"]
        for stage in ("commit_to_opened", "opened_to_merged", "merged_to_deployed")
    ]
    assert None not in shown


@pytest.mark.parametrize(
    "name", ["deployments", "changes", "incidents", "services", "teams", "environments"]
)
def test_a_list_has_the_rows_of_the_api(browser: Browser, told: dict[str, Any], name: str) -> None:
    asked = told if name in ("deployments", "changes", "incidents") else {}
    page = browser.page(f"/{name}", **asked)
    rows = browser.answer(f"/{name}", **asked)[name]

    assert rows
    assert page.one(id=name).attributes["data-rows"] == str(len(rows))
    body = [
        one for one in page.elements if one.tag == "tr" and one.parent and one.parent.tag == "tbody"
    ]
    assert len(body) == len(rows)


def test_a_long_list_comes_in_pages_that_lead_on(browser: Browser, told: dict[str, Any]) -> None:
    rows: list[str] = []
    page = browser.page("/deployments", **told, limit=4)
    while True:
        rows += [
            one.attributes["datetime"]
            for one in page.all("time")
            if one.within("id") == "deployments"
        ]
        following = page.all("a", rel="next")
        if not following:
            break
        path, _, query = following[0].attributes["href"].partition("?")
        page = Page(browser.get(f"/{path.removeprefix('./')}?{query}").text)

    listed = browser.answer("/deployments", **told)["deployments"]
    assert rows == [row["deployed_at"] for row in listed]


def test_the_timeline_has_what_happened(browser: Browser, told: dict[str, Any]) -> None:
    slots = browser.answer("/overview", **told)["timeline"]["buckets"]
    page = browser.page("/", **told)
    marks = [one for one in page.elements if one.tag == "a" and one.within("id") == "timeline"]

    assert len(slots) == 28
    totals = {
        kind: sum(slot[kind] for slot in slots)
        for kind in ("deployments", "failed", "rollbacks", "incidents")
    }
    # Three failed, one is a rollback; the stray incident is of no deployment, and counts.
    assert totals == {"deployments": 15, "failed": 3, "rollbacks": 1, "incidents": 3}
    assert len(marks) == sum(
        1 for slot in slots if slot["failed"] or slot["rollbacks"] or slot["incidents"]
    )
