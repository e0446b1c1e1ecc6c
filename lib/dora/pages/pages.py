"""Which pages there are, and the answer of each: HTML, and never an error that is not a page too."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.datastructures import MultiDict

from dora.errors import DoraError, NotFoundError, TemporaryError
from dora.pages import filters
from dora.pages.address import KEPT, Address
from dora.pages.drawing import FILES, card_policy, draw, file
from dora.questions.metrics import METRICS
from dora.questions.overview import read_overview
from dora.questions.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug import Request

    from dora.function import Answer
    from dora.questions.question import Question

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
SVG = HTML | {"content-type": "image/svg+xml", "content-security-policy": card_policy()}
KEPT_LONG = {"cache-control": "public, max-age=31536000, immutable"}


class Page(NamedTuple):
    """A page: its template, the path whose answer it shows, and what it asks unless asked otherwise."""

    template: str
    route: str
    usual: Mapping[str, str] = {}  # nobody changes it
    read: Callable[..., Question] | None = None
    headers: Mapping[str, str] = HTML


PAGES = {
    "/": Page("overview.html", "/overview"),
    "/overview": Page("overview.html", "/overview"),
    "/deployment": Page("deployment.html", "/deployment"),
    "/incident": Page("incident.html", "/incident"),
    "/quality": Page("quality.html", "/quality"),
    **{
        f"/metrics/{name}": Page(
            "metric.html", f"/metrics/{name}", {"compare": "previous"}, read_overview
        )
        for name in METRICS
    },
    **{
        f"/metrics/{name}.svg": Page("card.svg", f"/metrics/{name}", {}, read_overview, SVG)
        for name in METRICS
    },
    **{
        f"/{name}": Page("list.html", f"/{name}")
        for name in ("deployments", "changes", "incidents", "services", "teams", "environments")
    },
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
    if request.path.endswith(".svg"):
        return request.path in PAGES
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
    # What a page is asked beside is where its links lead back to.
    asked = MultiDict(
        (name, value)
        for name, value in clean.items(multi=True)
        if name in route.parameters or name not in KEPT
    )
    for name, value in shown.usual.items():
        asked.setdefault(name, value)
    question = (shown.read or route.read)(asked, route.parameters)
    answer = route.answer(question)
    page = draw(shown.template, **_given(address), answer=answer, question=question)
    return page, 200, dict(shown.headers)


def _error(address: Address, status: int, error: Exception | str) -> Answer:
    headers = HTML | ({"retry-after": "10"} if status == 503 else {})  # noqa: PLR2004
    return draw("error.html", **_given(address), status=status, error=str(error)), status, headers


def _given(address: Address) -> dict[str, Any]:
    return {"address": address, "arguments": address.arguments, "filters": filters}
