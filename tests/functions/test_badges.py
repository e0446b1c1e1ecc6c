"""Badges: a metric in words, in the colour of its level, whatever things are called."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from dora.pages.badges import COLOURS, UNKNOWN
from dora.questions.metrics import METRICS
from tests.conftest import Database, Functions
from tests.metrics.conftest import FOUR_WEEKS, looked_at, modules_database, reporting
from tests.metrics.happenings import DAY, deployed, merged

__all__ = ["looked_at", "modules_database"]
SPACE = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def endpoint(looked_at: Database, function: Functions) -> Any:
    """Shop is deployed once on each of ten days, each time with a change of ten hours before."""
    assert looked_at
    report = reporting(function)
    for day in range(10):
        report(
            merged(f"c{day}", day * DAY, (f"c{day}", day * DAY)),
            deployed(f"d{day}", day * DAY + 600, commit=f"c{day}"),
        )
    return function("metrics-endpoint")


def drawn(endpoint: Any, metric: str, **asked: Any) -> tuple[str, list[str], str]:
    """Return a badge's title, its texts, and the colour of the second."""
    answer = endpoint.get(f"/badge/{metric}.svg", **FOUR_WEEKS, **asked)
    assert answer.status_code == 200, answer.text
    picture = ET.fromstring(answer.data)  # noqa: S314 - it is our own
    texts = [each.text or "" for each in picture.iter(f"{SPACE}text")]
    title = picture.findtext(f"{SPACE}title") or ""
    return title, texts, list(picture.iter(f"{SPACE}rect"))[1].attrib["fill"]


def test_a_badge_has_the_value_in_words_in_the_colour_of_its_level(endpoint: Any) -> None:
    title, texts, colour = drawn(endpoint, "lead-time-for-changes", service="shop")

    assert texts == ["lead time for changes of shop", "10 h"]
    assert colour == COLOURS["elite"]
    assert title == "lead time for changes of shop: 10 h (elite), of 28 days"


def test_what_is_unknown_says_why_in_its_title(endpoint: Any) -> None:
    title, texts, colour = drawn(endpoint, "change-failure-rate")

    assert texts[1] == "unknown"
    assert colour == UNKNOWN
    assert "no incident source is connected" in title


def test_shields_makes_a_badge_of_the_same(endpoint: Any) -> None:
    answer = endpoint.get("/badge/lead-time-for-changes.json", **FOUR_WEEKS)

    assert json.loads(answer.data) == {
        "schemaVersion": 1,
        "label": "lead time for changes",
        "message": "10 h",
        "color": COLOURS["elite"],
        "cacheSeconds": 300,
    }


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_has_one_that_may_be_kept(endpoint: Any, metric: str) -> None:
    answer = endpoint.get(f"/badge/{metric}.svg", accept="text/html,*/*;q=0.8")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "etag" in answer.headers


@pytest.mark.parametrize(
    "name", ["</text><script>alert(1)</script>", '" onload="alert(1)', "\u202egnp&", "x" * 3_000]
)
def test_hostile_names_are_text(endpoint: Any, name: str) -> None:
    answer = endpoint.get("/badge/deployment-frequency.svg", service=name)
    picture = ET.fromstring(answer.data)  # noqa: S314 - it is our own

    assert {each.tag.removeprefix(SPACE) for each in picture.iter()} == {
        "svg",
        "title",
        "rect",
        "g",
        "text",
    }
    assert set(picture.attrib) == {"width", "height", "role", "aria-label"}
    assert "\u202e" not in answer.text
    assert int(picture.attrib["width"]) < 500


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/badge/nothing.svg", 404),
        ("/badge/lead-time-for-changes.png", 404),
        ("/badge/lead-time-for-changes.svg?bucket=day", 400),
    ],
)
def test_what_is_no_badge_is_an_error(endpoint: Any, path: str, status: int) -> None:
    assert endpoint.get(path).status_code == status
