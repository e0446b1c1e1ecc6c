"""Whatever anybody sends is text: on every page, in every picture, table and answer."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dora import database as dora_database
from dora.pages.pages import PAGES
from dora.questions.metrics import METRICS
from dora.questions.routes import ROUTES
from local.postgresql import Postgresql
from tests import hostile
from tests.conftest import Database, Functions
from tests.metrics.stories import record
from tests.pages.conftest import BROWSER, Browser
from tests.pages.html import Page

ONE = ("/deployment", "/incident")
SVG_TAGS = {"svg", "title", "style", "rect", "path", "text", "g"}
HTML_LETTERS = 200_000


@pytest.fixture(scope="module")
def sent(server: Postgresql, function: Functions) -> Iterator[None]:
    """All that is hostile has come, and was counted."""
    database = Database(server)
    with pytest.MonkeyPatch.context() as patch:
        database.use(patch)
        record(function, hostile.events())
        for letter in hostile.dead_letters():
            assert function("dead-letters-endpoint").post(letter).status_code == 204
        database.rows("update dead_letters set reason = reason || content::text")
        yield
    dora_database.close()
    database.drop()


def _is_html(text: str) -> None:
    page = Page(text)
    tags = {one.tag for one in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "b b"}
    assert not [
        name
        for one in page.elements
        for name in one.attributes
        if name.startswith("on") or name in ("style", "srcdoc")
    ]
    for link in page.links:
        assert re.match(r"(\.|https?:|#)", link), link[:100]
        assert not any(unicodedata.category(each) == "Cc" for each in link), link[:100]
    for element in page.elements:
        isolating = ("bdi", "title", "option", "textarea", "input", "pre", "code")
        if hostile.MARKS in element.text and element.tag not in isolating:
            inner = [one for one in page.elements if hostile.MARKS in one.text]
            assert any(one.tag in isolating for one in inner), element.text[:200]
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
    assert len(text) < HTML_LETTERS


def _is_svg(text: str) -> None:
    picture = ET.fromstring(text)  # noqa: S314 - it is our own
    assert {each.tag.rpartition("}")[2] for each in picture.iter()} <= SVG_TAGS
    names = {name for each in picture.iter() for name in each.attrib}
    assert not [name for name in names if name.startswith("on") or "href" in name]
    assert len(text) < 30_000


def _is_csv(text: str) -> None:
    names, *rows = csv.reader(io.StringIO(text, newline=""))
    for row in rows:
        assert len(row) == len(names)
        for cell in row:
            assert not re.match(r"[=+@\t\r]|-(?!\d)", cell), cell[:100]


def _is_json(text: str) -> None:
    assert json.loads(text) is not None


def _is_exposition(text: str) -> None:
    assert list(text_string_to_metric_families(text))


# Form → what is accepted, and what has to hold.
FORMS: dict[str, tuple[str, Callable[[str], None]]] = {
    "html": (BROWSER, _is_html),
    "svg": (BROWSER, _is_svg),
    "csv": ("text/csv", _is_csv),
    "json": ("application/json", _is_json),
    "exposition": ("text/plain; version=0.0.4", _is_exposition),
}


def _forms() -> list[tuple[str, str]]:
    """Return each path of the endpoint in each form that it has."""
    return [*_listed()]


def _listed() -> Iterator[tuple[str, str]]:
    for path, route in ROUTES.items():
        yield path, "json"
        if route.table:
            yield path, "csv"
        if route.forms:
            yield path, "exposition"
    for path in PAGES:
        yield path, "svg" if path.endswith(".svg") else "html"
    for metric in METRICS:
        yield f"/badge/{metric}.svg", "svg"
        yield f"/badge/{metric}.json", "json"


def _questions(browser: Browser, path: str) -> Iterator[dict[str, str]]:
    """Return questions of which the answers have all that is hostile in them."""
    if path in ONE:
        listed = browser.answer(f"{path}s", limit="1000")[f"{path[1:]}s"]
        assert len(listed) >= len(hostile.TEXTS)
        yield from ({"source": row["source"], "id": row["id"]} for row in listed)
        return
    yield {}
    if path in PAGES or path.startswith("/badge"):  # they name what they are about
        takes = ROUTES.get(path.removesuffix(".svg"), ROUTES["/overview"]).parameters
        if path == "/" or "service" in takes:
            yield from ({"service": name} for name in hostile.names())


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize(("path", "form"), _forms())
def test_it_is_text(browser: Browser, path: str, form: str) -> None:
    accept, require = FORMS[form]

    narrowed = form in ("html", "svg") or path in ONE or path.startswith("/badge")

    for asked in _questions(browser, path) if narrowed else [{}]:
        answer = browser.endpoint.get(path, accept=accept, **asked)
        assert answer.status_code == 200, answer.text[:500]
        require(answer.text)


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("accept", [BROWSER, "application/json"], ids=["html", "json"])
@pytest.mark.parametrize("path", ["/", "/metrics", "/deployment", "/nothing", "/badge/x.svg"])
def test_an_error_that_repeats_it_is_text(browser: Browser, path: str, accept: str) -> None:
    for text in hostile.TEXTS:
        answer = browser.endpoint.get(path + text[:100], accept=accept, **{text[:100]: text})
        assert 300 <= answer.status_code < 500, answer.status_code
        kind = answer.headers["content-type"]
        if kind.startswith("text/html") and answer.text:
            _is_html(answer.text)
        else:
            assert kind.startswith(("application/json", "text/plain", "text/html"))
        assert len(answer.text) < 20_000
