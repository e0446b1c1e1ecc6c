"""Pages of a real server over a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import TestResponse

from dora import database as dora_database
from local.postgresql import Postgresql
from tests.conftest import Database, FunctionClient, Functions
from tests.events import carried
from tests.metrics.conftest import FOUR_WEEKS
from tests.metrics.stories import record
from tests.pages.html import Page
from tests.pages.story import STORY

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SCRIPT = "<script>alert(1)</script>"


class Browser:
    """What a browser gets, and what the API answers to the same question."""

    def __init__(self, endpoint: FunctionClient) -> None:
        self.endpoint = endpoint

    def get(self, path: str, **asked: Any) -> TestResponse:
        """Return what is answered to a browser."""
        return self.endpoint.get(path, accept=BROWSER, **asked)

    def page(self, path: str, status: int = 200, **asked: Any) -> Page:
        """Return a page."""
        answer = self.get(path, **asked)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return Page(answer.text)

    def answer(self, path: str, **asked: Any) -> Any:
        """Return what the API answers."""
        answer = self.endpoint.get(path, **asked)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)

    def follow(self, link: str) -> Any:
        """Return what the API answers at where a link of a page leads."""
        path, _, query = link.removeprefix("./").removeprefix("../").partition("?")
        answer = self.endpoint.client.get(f"/{path}?{query}")
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)


@pytest.fixture(scope="module")
def told(server: Postgresql, function: Functions) -> Iterator[dict[str, Any]]:
    """A story of which each page shows something, for all tests of a module; its four weeks."""
    database = Database(server)
    with pytest.MonkeyPatch.context() as patch:
        database.use(patch)
        record(function, map(carried, STORY))
        yield dict(FOUR_WEEKS)
    dora_database.close()
    database.drop()


@pytest.fixture
def browser(function: Functions) -> Browser:
    return Browser(function("metrics-endpoint"))
