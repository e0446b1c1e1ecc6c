"""What people see is what the API answers, however they come to it, and it does nothing else."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests

from dora.pages.pages import PAGES
from dora.questions.metrics import METRICS
from tests import hostile
from tests.browser.axe import SERIOUS
from tests.browser.conftest import Visits
from tests.browser.served import Served

pytestmark = pytest.mark.long

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

NEEDS_AN_ID = ("/deployment", "/incident")
FIXED = [path for path in PAGES if path not in NEEDS_AN_ID and not path.endswith(".svg")]
# What is asked of the overview; each narrows it in another way.
ASKED = [
    {},
    {"service": "demo-checkout"},
    {"team": "demo-payments", "from": "P30D"},
    {"from": "2026-01-05", "to": "2026-01-26"},
    {"from": "P30D", "timezone": "Asia/Tokyo", "tier": "staging"},
]
SIZES = {"s": 1, "min": 60, "h": 3600, "d": 86400}
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def every_page(pages: Served) -> list[str]:
    """Return the address of one page of each kind."""
    found = []
    for kind in ("deployment", "incident"):
        rows = pages.ask(f"/{kind}s", limit=1)[f"{kind}s"]
        found += [f"/{kind}?{_query(source=row['source'], id=row['id'])}" for row in rows]
    narrow = [f"/?{_query(**ASKED[1])}", f"/?{_query(**ASKED[2])}", "/?from=P7D&service=nobody"]
    return [*FIXED, *found, *narrow, "/deployments?only=failed", "/no/such/page"]


def _query(**asked: str) -> str:
    return str(requests.Request("GET", "http://x/", params=asked).prepare().url).partition("?")[2]


def value(element: Locator, attribute: str = "data-value") -> Any:
    return json.loads(element.get_attribute(attribute) or "null")


def nearly(number: float | None) -> Any:
    """Return what equals a number that was asked for a moment earlier or later, also of a new service."""
    return None if number is None else pytest.approx(number, rel=1e-3)


def is_said(text: str, number: float | None) -> bool:
    """Return whether words say a number, to the digits that they have."""
    if number is None:
        return text in ("not known", "\u2013")
    if found := re.findall(r"([\d,]+) (d|h|min|s)\b", text):
        seconds = sum(int(count.replace(",", "")) * SIZES[unit] for count, unit in found)
        return abs(seconds - number) <= SIZES[found[-1][1]]
    if text == "none":
        return number == 0
    [said] = re.findall(r"[\d.,]+", text)
    size = 0.01 if "%" in text else 1
    if word := re.search(r"an? (day|week|month|year)", text):
        size = 1 / DAYS[word[1]]
    digits = len(said.partition(".")[2])
    close = 0.5001 * size * float(10**-digits) + 1e-9
    return abs(float(said.replace(",", "")) * size - number) <= close


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_each_card_says_what_the_metric_answers(
    shown: Served, visit: Visits, asked: dict[str, str]
) -> None:
    page = visit(shown).open(f"/?{_query(**asked)}")

    for metric in METRICS:
        [group] = shown.ask(f"/metrics/{metric}", bucket="all", **asked)["groups"]
        card = page.locator(f"article[data-metric='{metric}']")
        seen = card.locator(".value")
        assert value(seen) == nearly(group["value"]), metric
        assert is_said(seen.inner_text(), group["value"]), (metric, seen.inner_text())
        level = card.locator("[data-level]")
        levels = level.get_attribute("data-level") if level.count() else None
        assert levels == group["level"], metric


@pytest.mark.parametrize("asked", [ASKED[0], ASKED[2]], ids=str)
def test_each_service_has_its_own_five_values(
    shown: Served, visit: Visits, asked: dict[str, str]
) -> None:
    page, seen = visit(shown).open(f"/?{_query(**asked)}"), list[str]()
    summary = {each["service"]: each for each in shown.ask("/summary", **asked)["services"]}
    following = page.get_by_role("link", name="Next services")

    while True:
        for row in page.locator("table.services tbody tr").all():
            seen.append(row.locator("th a").first.inner_text())
            _has_values(row, summary[seen[-1]]["metrics"])
        if not following.count():
            break
        page.goto(urljoin(page.url, following.get_attribute("href")))

    assert seen == sorted(summary)


def _has_values(row: Locator, metrics: dict[str, Any]) -> None:
    cells = row.locator("[data-metric]").all()
    assert {cell.get_attribute("data-metric") for cell in cells} == set(metrics)
    for cell in cells:
        group = metrics[cell.get_attribute("data-metric") or ""]
        assert value(cell) == nearly(group["value"])
        assert is_said(cell.inner_text().partition("●")[0].strip(), group["value"])


def test_the_stages_of_the_lead_time_are_those_of_the_metric(shown: Served, visit: Visits) -> None:
    page = visit(shown).open("/")
    [group] = shown.ask("/metrics/lead-time-for-changes", bucket="all")["groups"]

    stages = [value(stage) for stage in page.locator("[data-stage]").all()]

    assert len(stages) >= 3
    known = [group[name] for name in group if "_to_" in name]
    assert all(any(stage == pytest.approx(one, rel=1e-4) for one in known) for stage in stages)


def test_a_metrics_page_has_a_section_for_each_group(shown: Served, visit: Visits) -> None:
    for metric in METRICS:
        answer = shown.ask(f"/metrics/{metric}", group_by="team", bucket="week")
        page = visit(shown).open(f"/metrics/{metric}?group_by=team&bucket=week")

        values = [value(each) for each in page.locator("section .value").all()]

        assert values == [nearly(group["value"]) for group in answer["groups"]]


@pytest.mark.parametrize("path", ["/", "/?service=demo-checkout", "/?team=demo-platform&from=P30D"])
def test_every_count_leads_to_as_many_rows(shown: Served, visit: Visits, path: str) -> None:
    page = visit(shown).open(path)

    links = page.locator("[data-count]").all()

    assert len(links) >= 7
    for link in links:
        address = urljoin(page.url, link.get_attribute("href"))
        asked = dict(parse_qsl(urlsplit(address).query)) | {"format": "json", "limit": "1000"}
        name = urlsplit(address).path.strip("/")
        rows = shown.ask(f"/{name}", **asked)[name]
        assert len(rows) == value(link, "data-count"), address


def test_a_list_shows_the_rows_of_the_answer(shown: Served, visit: Visits) -> None:
    for name in ("deployments", "changes", "incidents", "services", "teams", "environments"):
        rows = shown.ask(f"/{name}")[name]

        page = visit(shown).open(f"/{name}")

        assert page.locator("tbody tr").count() == len(rows) > 0


def test_a_span_is_a_link_and_back_leads_back(shown: Served, visit: Visits) -> None:
    page = visit(shown).open("/")
    before = page.locator("main").inner_text()

    page.get_by_role("link", name="30 days").click()

    assert "from=P30D" in page.url
    [group] = shown.ask("/metrics/deployment-frequency", bucket="all", **{"from": "P30D"})["groups"]
    assert value(page.locator("#deployment-frequency [data-count]"), "data-count") == group["count"]
    page.go_back()
    assert _without_times(page.locator("main").inner_text()) == _without_times(before)


def _without_times(text: str) -> str:
    return re.sub(r"\d\d:\d\d", "", text)


def test_filters_are_a_form_and_the_address_is_what_is_shared(shown: Served, visit: Visits) -> None:
    page = visit(shown).open("/")
    page.locator("details.filters summary").click()
    page.get_by_label("Team").fill("demo-payments")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Show").click()

    other = visit(shown).open(page.url)

    assert page.get_by_role("heading", level=1).inner_text() == "demo-payments"
    assert dict(parse_qsl(urlsplit(page.url).query)) == {
        "team": "demo-payments",
        "timezone": "Europe/Berlin",
    }
    services = [row.inner_text() for row in other.locator("table.services th[scope=row] a").all()]
    assert [name for name in services if not name.startswith("demo-payments")] == [
        "demo-checkout",
        "demo-ledger",
    ]


def test_from_a_service_to_why_a_deployment_failed(shown: Served, visit: Visits) -> None:
    page = visit(shown).open("/")
    page.locator("table.services").get_by_role("link", name="demo-checkout").click()
    page.locator("#change-failure-rate [data-count]").first.click()
    rows = shown.ask("/deployments", service="demo-checkout", only="failed")["deployments"]
    assert page.locator("tbody tr").count() == len(rows) > 0

    page.locator("tbody tr a").first.click()

    assert value(page.locator("#outcome"), "data-failed") is True
    kinds = " ".join(page.locator(".chain li").evaluate_all("all => all.map(one => one.className)"))
    assert all(kind in kinds for kind in ("deployed", "incident", "recovered")), kinds
    page.locator(".chain .incident a").first.click()
    assert "demo-checkout" in page.locator("main").inner_text()


def test_the_keyboard_alone_leads_everywhere(shown: Served, visit: Visits) -> None:
    page = visit(shown).open("/")
    page.keyboard.press("Tab")
    assert _focused(page)["text"] == "Skip to the content"
    reachable = page.locator("a[href]:visible, button:visible, input:visible, summary:visible")

    seen = set()
    for _ in range(reachable.count() + 40):
        focused = _focused(page)
        assert focused["outlined"], focused
        seen.add(focused["key"])
        page.keyboard.press("Tab")
        if _focused(page)["key"] in ("", "BODY"):
            break

    links = page.locator("main a[href]:visible").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )
    assert {link for link in links if f"a {link}" not in seen} == set()


def test_the_keyboard_alone_filters(shown: Served, visit: Visits) -> None:
    page = visit(shown).open("/")
    page.locator("details.filters summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("demo-shop")

    page.keyboard.press("Enter")

    page.wait_for_url("**/?service=demo-shop")
    assert page.get_by_role("heading", level=1).inner_text() == "demo-shop"


def _focused(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(
        """() => {
            const one = document.activeElement, style = getComputedStyle(one)
            const href = one.getAttribute('href')
            return {
                text: (one.textContent || '').trim(),
                key: one === document.body ? 'BODY'
                    : href ? 'a ' + href : one.tagName + one.name + one.textContent,
                outlined: style.outlineStyle !== 'none' || style.boxShadow !== 'none',
            }
        }"""
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_core_finds_nothing_serious(
    shown: Served, empty_pages: Served, visit: Visits, axe_core: str, scheme: str
) -> None:
    found = []
    for pages, paths in ((shown, every_page(shown)), (empty_pages, ["/", "/deployments"])):
        looking = visit(pages, color_scheme=scheme)
        for path in paths:
            page = looking.page
            page.goto(path)
            page.evaluate(axe_core)
            violations = page.evaluate("axe.run().then(found => found.violations)")
            found += [
                f"{path} {violation['id']}: {node['html'][:120]}"
                for violation in violations
                if violation["impact"] in SERIOUS
                for node in violation["nodes"][:2]
            ]
        # Of a page that is not there the browser itself says so.
        looking.problems = [each for each in looking.problems if "404" not in each]

    assert found == [], found


def test_without_javascript_it_says_the_same(shown: Served, visit: Visits) -> None:
    for path in ("/", "/metrics/lead-time-for-changes", "/deployments?only=failed"):
        texts = [
            visit(shown, java_script_enabled=enabled).open(path).locator("main").inner_text()
            for enabled in (True, False)
        ]

        assert _without_times(texts[0]) == _without_times(texts[1])
        assert re.search(r"\d", texts[0])


def test_on_a_phone_nothing_has_to_be_moved_sideways(shown: Served, visit: Visits) -> None:
    looking = visit(shown, viewport={"width": 320, "height": 640})
    wide = [
        path
        for path in every_page(shown)[:-1]
        if looking.open(path).evaluate("document.documentElement.scrollWidth") > 320
    ]

    assert wide == [], wide


def test_with_nothing_stored_it_says_how_to_begin(empty_pages: Served, visit: Visits) -> None:
    page = visit(empty_pages).open("/")

    assert "connect" in page.locator("main").inner_text().lower()


@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_texts_do_nothing(hostile_pages: Served, visit: Visits, width: int) -> None:
    looking = visit(hostile_pages, viewport={"width": width, "height": 800})
    rows = [
        *(("deployment", row) for row in hostile_pages.ask("/deployments")["deployments"]),
        *(("incident", row) for row in hostile_pages.ask("/incidents")["incidents"]),
    ]
    own = [f"/{kind}?{_query(source=row['source'], id=row['id'])}" for kind, row in rows]
    services = [f"/?{_query(service=row['service'])}" for kind, row in rows if kind == "incident"]

    assert len(own) == 3 * len(hostile.TEXTS)
    for path in [*FIXED, *own, *services]:
        page = looking.open(path)
        assert page.locator("script, img, iframe, object, b b").count() == 0, path
        links = page.locator("a").evaluate_all(
            "all => all.map(one => new URL(one.getAttribute('href'), location).protocol)"
        )
        assert set(links) <= {"http:", "https:"}, path
        handlers = page.evaluate(
            "[...document.querySelectorAll('*')].filter(one =>"
            " [...one.attributes].some(each => each.name.startsWith('on'))).length"
        )
        assert handlers == 0, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_hostile_names_stay_within_their_own_text(hostile_pages: Served, visit: Visits) -> None:
    page = visit(hostile_pages).open("/services")

    names = page.locator("th[scope=row] a").all()

    # One that is deployed, and one that only an incident names.
    assert len(names) == 2 * len(hostile.TEXTS)
    for name in names:
        assert name.locator("bdi").count() == 1
        assert len(name.inner_text()) < 100
