"""Drawing pages: templates, and the words that they use."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dora.pages import charts, words
from dora.pages.chain import chain
from dora.pages.trust import doubts, verdict
from dora.questions.metrics import METRICS

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent
FILES = {
    "/style.css": ("style.css", "text/css; charset=utf-8"),
    "/favicon.svg": ("favicon.svg", "image/svg+xml"),
}


@cache
def environment() -> Environment:
    """Return what templates are read and filled with; all that they are given is escaped."""
    import jinja2  # noqa: PLC0415 - it takes a third of the start, and questions need no pages

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        METRICS=METRICS,
        chain=chain,
        charts=charts,
        doubts=doubts,
        verdict=verdict,
        words=words,
        card_style=file("card.css").decode(),
        style=f"style.css?{fingerprint('style.css')}",
    )
    made.filters.update(cut=words.cut)
    return made


def draw(template: str, **given: Any) -> str:
    """Return a page."""
    return environment().get_template(template).render(given)


@cache
def file(name: str) -> bytes:
    """Return a file that pages load: the styles, the picture of the tab."""
    return (FOLDER / "files" / name).read_bytes()


def card_policy() -> str:
    """Return what a picture may do that somebody looks at by itself: have its own style."""
    digest = base64.b64encode(hashlib.sha256(file("card.css")).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"


@cache
def fingerprint(name: str) -> str:
    """Return what changes with a file, so that browsers may keep it for long."""
    return hashlib.sha256(file(name)).hexdigest()[:12]
