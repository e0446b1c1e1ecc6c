"""A tool's REST API: answers what a test lays down at a path, in pages, to who shows the token."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

TOKEN = "t0ken"  # noqa: S105 - of these tests only
Answer = tuple[int, dict[str, str], str]


class Tool(ThreadingHTTPServer):
    """Serves lists in pages of two, whatever size is asked for, so that there are pages."""

    daemon_threads = True
    page_size = 2
    prefix = "/api"

    def __init__(self, places: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.places = places
        self.asked: list[str] = []
        # Called with the number of the request; an answer takes the place of the right one.
        self.instead: Callable[[int], Answer | None] = lambda _number: None

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.server_port}{self.prefix}"

    def answer(self, target: str, token: str | None) -> Answer:
        """Answer a request."""
        parts = urlsplit(target)
        path, parameters = parts.path.removeprefix(self.prefix), dict(parse_qsl(parts.query))
        self.asked.append(target.removeprefix(self.prefix))
        instead = self.instead(len(self.asked))
        if instead:
            return instead
        if token != f"Bearer {TOKEN}":
            return 401, {}, '{"message": "Bad credentials"}'
        if path not in self.places:
            return 404, {}, '{"message": "Not Found"}'
        place = self.places[path]
        found = place(parameters) if callable(place) else place
        if not isinstance(found, list):
            return 200, {}, json.dumps(found)
        return self._page(path, parameters, found)

    def _page(self, path: str, parameters: dict[str, str], found: list[Any]) -> Answer:
        start = (int(parameters.get("page", 1)) - 1) * self.page_size
        end = start + self.page_size
        following = parameters | {"page": str(end // self.page_size + 1)}
        link = f'<{self.url}{path}?{urlencode(following)}>; rel="next"'
        headers = {"Link": link} if end < len(found) else {}
        return 200, headers, json.dumps(found[start:end])


class _Receiver(BaseHTTPRequestHandler):
    server: Tool
    wbufsize = -1  # headers and body at once: the second of two waits for word of the first
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, headers, body = self.server.answer(self.path, self.headers["authorization"])
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body.encode()))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        pass
