"""A browser, and pages to look at: of the story of docs/metrics.md with the demo, of hostile events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.demo import catalog
from local.postgresql import Postgresql
from tests import hostile
from tests.browser import axe
from tests.browser.browsers import REQUIRED, Visit, chromium, missing
from tests.browser.demo import demo_events
from tests.browser.served import Served, served
from tests.conftest import Functions
from tests.docs.test_story import story
from tests.events import carried

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave these tests out where there is no browser, with one sentence; fail where there must be."""
    if (sentence := missing()) and not REQUIRED:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=sentence))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    assert missing() is None, missing()
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def axe_core() -> str:
    """The source of axe-core."""
    return axe.source()


@pytest.fixture(scope="session")
def shown(
    server: Postgresql, function: Functions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The story of docs/metrics.md, and the demo."""
    events = [*map(carried, story()), *demo_events()]
    folder = tmp_path_factory.mktemp("shown")
    with served(server, function, folder, events, catalog.PART.read_text()) as pages:
        yield pages


@pytest.fixture(scope="session")
def hostile_pages(
    server: Postgresql, function: Functions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """What nobody should send, recorded."""
    folder = tmp_path_factory.mktemp("hostile")
    with served(server, function, folder, hostile.events()) as pages:
        yield pages


@pytest.fixture(scope="session")
def empty_pages(
    server: Postgresql, function: Functions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Nothing has come yet."""
    with served(server, function, tmp_path_factory.mktemp("empty"), []) as pages:
        yield pages


Visits = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visits]:
    """Look at the pages of a server; in the end nothing may have gone wrong."""
    visits: list[Visit] = []

    def begin(pages: Served, **options: Any) -> Visit:
        visits.append(Visit(browser, pages.address, **options))
        return visits[-1]

    yield begin
    for each in visits:
        each.end()
