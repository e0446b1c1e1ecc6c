"""Answer GET with the metrics, as JSON or CSV; anyone may curl it."""

from __future__ import annotations

from parliament import Context

from dora.errors import NotFoundError
from dora.function import Answer, on_get
from dora.questions.routes import ROUTES


@on_get
def main(context: Context) -> Answer:
    """Answer by the path."""
    request = context.request
    if request.path not in ROUTES:
        raise NotFoundError(
            f"expected one of the paths {', '.join(ROUTES)}, got {request.path!r:.80}"
        )
    wants_csv = request.accept_mimetypes.best == "text/csv"
    return ROUTES[request.path].ask(request.args, wants_csv=wants_csv)
