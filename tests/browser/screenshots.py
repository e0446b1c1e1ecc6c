"""Pictures of the pages with the demo: `make screenshots` writes them to docs/images."""

from __future__ import annotations

import io
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from PIL import Image

from local.demo import catalog
from local.postgresql import Postgresql
from local.processes import free_port
from tests.browser.browsers import chromium, missing
from tests.browser.demo import demo_events
from tests.browser.served import Served, served
from tests.conftest import FAST, TEMPLATE, FunctionClient

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).parents[2] / "docs" / "images"
# What differs between the pictures of a page: its width in pixels and the colours.
Scheme = Literal["light", "dark"]
LOOKS: dict[str, tuple[int, Scheme]] = {
    "light": (1280, "light"),
    "dark": (1280, "dark"),
    "phone": (320, "light"),
}
COLOURS = 256


def main() -> None:
    """Take them all."""
    if sentence := missing():
        raise SystemExit(sentence)
    FOLDER.mkdir(exist_ok=True)
    client = cache(FunctionClient)
    with tempfile.TemporaryDirectory(prefix="dora-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL may be another user
        server = Postgresql(folder / "server", free_port(), FAST)
        server.start()
        try:
            server.install(TEMPLATE)
            part = catalog.PART.read_text()
            with served(server, client, folder, demo_events(), part) as pages:
                _take_all(pages)
        finally:
            server.stop()


def _take_all(pages: Served) -> None:
    with chromium() as browser:
        for name, path in _paths(pages).items():
            for look, (width, scheme) in LOOKS.items():
                file = FOLDER / f"{name}-{look}.png"
                file.write_bytes(_picture(browser, pages.address + path, width, scheme))
                print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB", flush=True)  # noqa: T201


def _paths(pages: Served) -> dict[str, str]:
    """Return the pages: of the newest deployment that failed and was recovered, and its incident."""
    service = "demo-checkout"
    rows = pages.ask("/deployments", service=service, only="recovered")["deployments"]
    failed = next(row for row in rows if row["incidents"] and row["shipped_changes"])
    incident = failed["incidents"][0]
    return {
        "overview": "/",
        "service": f"/?service={service}",
        "team": "/?team=demo-storefront&from=P30D",
        "metric": "/metrics/lead-time-for-changes?group_by=team",
        "deployments": f"/deployments?service={service}&only=failed",
        "deployment": f"/deployment?{urlencode({'source': failed['source'], 'id': failed['id']})}",
        "incident": f"/incident?{urlencode({'source': incident['source'], 'id': incident['id']})}",
        "quality": "/quality",
    }


def _picture(browser: Browser, address: str, width: int, scheme: Scheme) -> bytes:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    try:
        answer = page.goto(address)
        assert answer, address
        assert answer.ok, address
        return _small(page.screenshot(full_page=True))
    finally:
        page.close()


def _small(picture: bytes) -> bytes:
    """Return a picture in fewer colours, which takes a third."""
    made = io.BytesIO()
    few = (
        Image.open(io.BytesIO(picture))
        .convert("RGB")
        .quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    )
    few.save(made, "png", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    main()
