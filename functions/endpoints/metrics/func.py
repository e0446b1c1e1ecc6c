"""Answer GET with the metrics: pages to browsers, JSON or CSV to others; anyone may curl it."""

from __future__ import annotations

from parliament import Context

from dora.errors import NotFoundError
from dora.function import Answer, on_get
from dora.pages.badges import badge
from dora.pages.pages import page
from dora.questions.routes import ROUTES


@on_get
def main(context: Context) -> Answer:
    """Answer by the path, and by what is asked for."""
    request = context.request
    if shown := badge(request) or page(request):
        return shown
    if request.path not in ROUTES:
        raise NotFoundError(
            f"expected one of the paths {', '.join(ROUTES)}, got {request.path!r:.80}"
        )
    return ROUTES[request.path].ask(request.args, request.accept_mimetypes)
