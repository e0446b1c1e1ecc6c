"""Which pages there are, and the answer of each: HTML, and never an error that is not a page too."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from dora.errors import DoraError, NotFoundError, TemporaryError
from dora.pages import filters
from dora.pages.address import Address
from dora.pages.drawing import FILES, draw, file
from dora.questions.routes import ROUTES

if TYPE_CHECKING:
    from werkzeug import Request

    from dora.function import Answer

log = logging.getLogger(__name__)

# What a page may do: load the styles and pictures of this very server, send a form to it.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
HTML = {"content-type": "text/html; charset=utf-8", "vary": "accept", **SAFE}
KEPT_LONG = {"cache-control": "public, max-age=31536000, immutable"}


class Page(NamedTuple):
    """A page: its template, and the path whose answer it shows."""

    template: str
    route: str


PAGES = {
    "/": Page("overview.html", "/overview"),
    "/overview": Page("overview.html", "/overview"),
}


def page(request: Request) -> Answer | None:
    """Return the page that a browser asks for; None where JSON or CSV is what is wanted."""
    if request.path in FILES:
        name, kind = FILES[request.path]
        return file(name), 200, {"content-type": kind, **KEPT_LONG, **SAFE}
    return _answer(Address(request.path, request.args)) if _wants_page(request) else None


def _answer(address: Address) -> Answer:
    try:
        return _page(address)
    except DoraError as error:
        return _error(address, _status(error), error)
    except Exception:
        log.exception("no page at %s", address.path)
        return _error(address, 500, "this page failed; the log of the endpoint says why")


def _status(error: DoraError) -> int:
    if isinstance(error, TemporaryError):
        return 503
    return 404 if isinstance(error, NotFoundError) else 400


def _wants_page(request: Request) -> bool:
    """Return whether HTML is liked best; what has no page is answered as to everybody."""
    kinds = ["application/json", "text/csv", "text/html"]
    is_ours = request.path in PAGES or request.path not in ROUTES
    likes_html = request.accept_mimetypes.best_match(kinds) == "text/html"
    return is_ours and likes_html and "format" not in request.args


def _page(address: Address) -> Answer:
    if address.path not in PAGES:
        raise NotFoundError(f"there is no page {address.path!r:.80}")
    clean = filters.cleaned(address.arguments)
    if clean != address.arguments:
        here = Address(address.path, clean).here()
        return "", 303, {"location": here, **HTML}
    shown = PAGES[address.path]
    route = ROUTES[shown.route]
    question = route.read(clean, route.parameters)
    answer = route.answer(question)
    return draw(shown.template, **_given(address), answer=answer, question=question), 200, HTML


def _error(address: Address, status: int, error: Exception | str) -> Answer:
    headers = HTML | ({"retry-after": "10"} if status == 503 else {})  # noqa: PLR2004
    return draw("error.html", **_given(address), status=status, error=str(error)), status, headers


def _given(address: Address) -> dict[str, Any]:
    return {"address": address, "arguments": address.arguments, "filters": filters}
