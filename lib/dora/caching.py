"""Answers to GET that cost little to look at: not sent again where nothing changed, and compressed.

https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests and
https://www.rfc-editor.org/rfc/rfc9111. Environment: CORS_ORIGINS, the origins whose pages may read
answers (https://portal.example, separated by commas; * for all); at first none.
"""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

from dora.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug import Request

    Answer = tuple[str | bytes | Iterator[str], int, dict[str, str]]

OK, NOT_MODIFIED = 200, 304
# A short one would not become shorter; a higher level takes longer than the network saves.
LEAST_COMPRESSED_BYTES, LEVEL = 1000, 5
COMPRESSED = ("text/", "application/json", "application/openmetrics-text", "image/svg+xml")
# Whoever keeps it asks each time whether it is still the answer.
ASK_AGAIN = "no-cache"
# What differs by these headers of the request differs for whoever keeps it.
VARIES = "accept, accept-encoding, authorization, origin"


def economical(request: Request, answer: Answer) -> Answer:
    """Return an answer as this request needs it: compressed, or only that it is still the same.

    An answer in chunks, and one that is no success, is as it was, and nobody keeps it.
    """
    body, status, headers = answer
    headers = headers | _shared(request) | {"vary": VARIES}
    if status != OK or not isinstance(body, str | bytes):
        return body, status, {"cache-control": "no-store"} | headers
    content = body.encode() if isinstance(body, str) else body
    # Weak, because it is of the content, however that is compressed.
    tag = hashlib.sha256(content).hexdigest()[:32]
    headers = {"cache-control": ASK_AGAIN} | headers | {"etag": f'W/"{tag}"'}
    if request.if_none_match.contains_weak(tag):
        return "", NOT_MODIFIED, {name: headers[name] for name in headers if name in KEPT}
    if _is_compressed(request, len(content), headers):
        compressed = gzip.compress(content, LEVEL, mtime=0)
        return compressed, status, headers | {"content-encoding": "gzip"}
    return content, status, headers


# https://www.rfc-editor.org/rfc/rfc9110#status.304
KEPT = ("cache-control", "etag", "vary", "access-control-allow-origin")


def _is_compressed(request: Request, size: int, headers: dict[str, str]) -> bool:
    kind = headers.get("content-type", "")
    return (
        size >= LEAST_COMPRESSED_BYTES
        and kind.startswith(COMPRESSED)
        and request.accept_encodings.quality("gzip") > 0
    )


def _shared(request: Request) -> dict[str, str]:
    """Return the header that lets another origin's page read the answer, if it may."""
    origin, allowed = request.headers.get("origin", ""), settings("CORS_ORIGINS")
    if "*" in allowed:
        return {"access-control-allow-origin": "*"}
    return {"access-control-allow-origin": origin} if origin and origin in allowed else {}
