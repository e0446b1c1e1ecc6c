"""Answer GET with the metrics: pages to browsers, JSON or CSV to others; anyone may curl it.

Where READ_TOKENS is set, whoever shows one of them.
"""

from __future__ import annotations

from parliament import Context
from werkzeug import Request

from dora.errors import NotFoundError
from dora.function import Answer, on_get
from dora.pages.badges import badge
from dora.pages.pages import page
from dora.questions.readers import limit_to, only_for_them, require_reader
from dora.questions.routes import ROUTES


@on_get
def main(context: Context) -> Answer:
    """Answer who may ask, by the path and by what is asked for."""
    teams = require_reader(context.request)
    if teams is not None:
        limit_to(teams, context.request)
    return only_for_them(_answer(context.request, is_limited=teams is not None))


def _answer(request: Request, *, is_limited: bool) -> Answer:
    # A page lists what can be chosen, of all teams.
    if shown := badge(request) or (None if is_limited else page(request)):
        return shown
    if request.path not in ROUTES:
        raise NotFoundError(
            f"expected one of the paths {', '.join(ROUTES)}, got {request.path!r:.80}"
        )
    return ROUTES[request.path].ask(request.args, request.accept_mimetypes)
