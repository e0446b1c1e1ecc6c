"""Debian's Chromium, driven by Playwright, and what a visit may not do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Where something is missing these tests are left out, unless this is set: then they fail.
REQUIRED = bool(os.environ.get("DORA_REQUIRE_BROWSER"))


def missing() -> str | None:
    """Return what these tests lack on this machine, in a sentence."""
    programs = [name for name in ("chromium", "npm") if not shutil.which(name)]
    libraries = [] if find_spec("playwright") else ["playwright (make .venv/browser-installed)"]
    lacking = ", ".join(programs + libraries)
    return f"the tests in a browser lack {lacking}" if lacking else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; root needs it without its sandbox."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        yield browser
        browser.close()


class Visit:
    """What happened while somebody looked at pages: what went wrong, and who was asked."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address, self.problems = address, list[str]()
        self.context = browser.new_context(**{"base_url": address, **options})
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.problems.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self._refuse(f"dialog: {dialog.message}", dialog))
        self.page.on("request", lambda request: self._note(request.url))

    def _refuse(self, problem: str, dialog: Any) -> None:
        self.problems.append(problem)
        dialog.dismiss()

    def _note(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.problems.append(f"request to {url}")

    def open(self, path: str) -> Page:
        """Open a page of the server."""
        answer = self.page.goto(path)
        assert answer, path
        assert answer.ok, f"{path}: {answer.status} {self.page.locator('body').inner_text()}"
        assert "text/html" in answer.headers["content-type"], path
        return self.page

    def end(self) -> None:
        """Leave, and require that nothing went wrong."""
        self.context.close()
        assert self.problems == [], self.problems
