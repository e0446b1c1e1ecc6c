"""Who gets a page and who JSON; errors; the form of filters; the pages of one thing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dora import database as dora_database
from dora.pages import charts
from tests.conftest import Functions
from tests.pages.conftest import BROWSER, POLICY, Browser


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, "text/html; charset=utf-8"),
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.9", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
    ],
)
def test_a_browser_gets_a_page_and_all_others_what_they_got(
    told: dict[str, Any], function: Functions, accept: str, kind: str
) -> None:
    for path in ("/", "/deployments", "/metrics/change-failure-rate"):
        answer = function("metrics-endpoint").get(path, accept=accept)
        assert told
        assert answer.status_code == 200
        assert answer.headers["content-type"] == kind


def test_a_format_that_is_asked_for_goes_before_what_a_browser_likes(
    told: dict[str, Any], browser: Browser
) -> None:
    assert json.loads(browser.get("/overview", format="json", **told).data)["services_count"] == 2
    assert browser.get("/overview", format="csv", **told).text.startswith("metric,time,value")


def test_a_picture_is_drawn_for_each_metric_with_only_its_own_style(
    told: dict[str, Any], browser: Browser
) -> None:
    answer = browser.endpoint.get("/metrics/change-failure-rate.svg", service="shop", **told)
    [group] = browser.answer("/metrics/change-failure-rate", service="shop", bucket="all", **told)[
        "groups"
    ]

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert re.match(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; ",
        answer.headers["content-security-policy"],
    )
    assert re.findall(r'data-value="([^"]+)"', answer.text) == [json.dumps(group["value"])]


@pytest.mark.parametrize(
    ("link", "status", "says"),
    [
        ("/nothing", 404, "there is no page '/nothing'"),
        ("/?from=yesterday", 400, "expected from to be a date"),
        ("/?nonsense=1", 400, "'nonsense' is no parameter here"),
        (
            "/?timezone=%3Cscript%3Ealert%281%29%3C/script%3E",
            400,
            "expected timezone to be a name of IANA",
        ),
        ("/deployments?cursor=x", 400, "expected cursor to be next of a page before"),
        ("/deployment", 400, "expected source and id too"),
        (
            "/deployment?source=a&id=%3Cscript%3Ealert%281%29%3C/script%3E",
            404,
            "there is no deployment of the source 'a'",
        ),
        ("/incident?source=a&id=b", 404, "there is no incident of the source 'a'"),
    ],
)
def test_an_error_is_a_page_with_the_sentence(
    told: dict[str, Any], browser: Browser, link: str, status: int, says: str
) -> None:
    page = browser.page(link, status)

    assert told
    assert says in page.one(id="main").text
    assert browser.get(link).headers["content-security-policy"] == POLICY


def test_a_database_that_is_away_is_a_page_too(
    told: dict[str, Any], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora_database.close()
    monkeypatch.setenv("PGPORT", "1")
    page = browser.page("/", 503, **told)

    assert "nothing is lost" in page.one(id="main").text
    assert browser.get("/").headers["retry-after"] == "10"
    dora_database.close()


def test_what_a_form_leaves_empty_is_not_in_the_address(
    told: dict[str, Any], browser: Browser
) -> None:
    answer = browser.get(
        "/?team=&service=shop&first=2026-01-05&last=2026-02-01&from=&tier=production&timezone=UTC"
    )

    assert answer.status_code == 303
    assert answer.headers["location"] == "./?service=shop&from=2026-01-05&to=2026-02-02"
    assert told
    page = browser.page("/", service="shop", **told)
    assert page.one("input", name="last").attributes["value"] == "2026-02-01"
    assert page.one("input", name="service").attributes["value"] == "shop"


def test_links_keep_what_is_asked(told: dict[str, Any], browser: Browser) -> None:
    page = browser.page("/", team="storefront", **told)
    pages = [one for one in page.all("a") if one.parent and one.parent.tag == "nav"]
    lead = {one.text: one.attributes["href"] for one in pages}

    assert lead["Deployments"] == "./deployments?from=2026-01-05&to=2026-02-02&team=storefront"
    assert lead["30 days"] == "./?team=storefront&from=P30D"
    assert lead["90 days"] == "./?team=storefront"


def test_the_chain_of_a_deployment_leads_from_the_commit_to_the_recovery(
    told: dict[str, Any], browser: Browser
) -> None:
    page = browser.page("/deployment", source="/tests", id="shop-8")
    steps = [one for one in page.all("li") if "data-at" in one.attributes]

    assert told
    assert [one.attributes["class"] for one in steps] == [
        "commit", "opened", "merged", "artifact", "started", "deployed", "incident", "resolved", "recovered",
    ]  # fmt: skip
    assert "Checkout is down" in page.one("ol").text
    assert "https://github.com/acme/shop/actions/runs/8" in page.links
    assert page.one(id="outcome").attributes["data-failed"] == "true"


def test_an_incident_says_which_deployment_it_belongs_to_or_why_to_none(
    told: dict[str, Any], browser: Browser
) -> None:
    checkout = browser.page("/incident", source="/tests", id="checkout").one(id="cause").text
    stray = browser.page("/incident", source="/tests", id="stray").one(id="cause").text

    assert told
    assert "shop 1.8" in checkout
    assert "it is the latest of its service before it" in checkout
    assert "None. Why: its service was never deployed." in stray


def test_the_page_of_quality_has_each_problem_with_what_mends_it(
    told: dict[str, Any], browser: Browser
) -> None:
    page, answer = browser.page("/quality"), browser.answer("/quality")

    assert told
    shown = {
        one.attributes["data-kind"]: int(one.attributes["data-value"])
        for one in page.elements
        if "data-kind" in one.attributes
    }
    assert shown == {kind: count for kind, count in answer["counts"].items() if count}
    for problem in answer["problems"]:
        assert problem["mend"] in page.one(id=problem["kind"]).text


def test_a_part_of_a_week_makes_no_week_look_small(told: dict[str, Any], browser: Browser) -> None:
    asked = told | {"bucket": "week", "from": "2026-01-07", "to": "2026-01-30"}
    [group] = browser.answer("/metrics/deployment-frequency", **asked)["groups"]
    drawn = charts.bars(group["buckets"])
    whole = [bucket["value"] for bucket in group["buckets"] if not bucket["partial"]]

    assert [bucket["partial"] for bucket in group["buckets"]] == [True, False, False, True]
    assert drawn.most == max(whole)
    assert max(bar.height for bar in drawn.bars if bar.kind == "bar") == charts.HEIGHT
    busy = [group["buckets"][0] | {"value": 9.0}, *group["buckets"][1:]]
    assert charts.bars(busy).bars[0].height == charts.HEIGHT
    # Where there are only parts, they are what there is.
    only = charts.bars([group["buckets"][0] | {"value": 2.0}])
    assert (only.most, only.bars[0].kind) == (2.0, "part")
