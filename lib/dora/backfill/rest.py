"""A tool's REST API, asked with patience: its pages, its rate limit, its bad moments.

GitHub and GitLab agree on what matters here: a bearer token, pages by the header Link, and a refusal
that says when to come back (Retry-After, or the moment at which the limit is reset).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests

from dora.commands.command import Stopped, tell
from dora.errors import NotFoundError, PermanentError, TemporaryError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.commands.command import Stop

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PAGE_ITEMS = 100  # the most that either tool gives
TIMEOUT_SECONDS = 30
# For 5xx and for an API that does not answer.
WAITS_SECONDS = (0.5, 1, 2, 4, 8, 16)
# What GitHub asks for where a refusal names no time; and the longest that a limit lasts there.
UNNAMED_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60, 3660
NOT_THERE = (404, 409, 410)  # GitHub: 409 is an empty repository, 410 switched off
UNAUTHORIZED, FORBIDDEN, TOO_MANY, SERVER_ERROR = 401, 403, 429, 500
REDIRECTS = (301, 302, 307, 308)
MOST_REDIRECTS = 3


class Token(requests.auth.AuthBase):
    """The token as a header; unlike a plain header, no .netrc replaces it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        request.headers["authorization"] = f"Bearer {self._token}"
        return request


class Api:
    """A tool's API at its address, asked by one person."""

    def __init__(self, address: str, token: str, stop: Stop) -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise PermanentError(f"expected --api to be an https address, got {address}")
        self.address, self.requests = address.rstrip("/"), 0
        self._origin, self._stop = (parts.scheme, parts.netloc), stop
        self._session = requests.Session()
        self._session.auth = Token(token)

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the answer's JSON.

        Raises:
            NotFoundError: there is no such thing, or the token may not see it.
            UnauthorizedError: the API refuses the token.
            PermanentError: the API refuses the request.
            TemporaryError: the API stays away.
        """
        return _json(self._answer(self.address + path, parameters))

    def pages(self, path: str, *, key: str | None = None, **parameters: Any) -> Iterator[Any]:
        """Yield all items of a list, page by page; where it is a part of the answer, key is its name."""
        url: str | None = self.address + path
        parameters = {"per_page": PAGE_ITEMS, **parameters}
        while url:
            answer = self._answer(url, parameters)
            found = _json(answer)
            yield from found if key is None else found[key]
            url, parameters = answer.links.get("next", {}).get("url"), {}

    def _answer(self, url: str, parameters: dict[str, Any]) -> requests.Response:
        for _ in range(MOST_REDIRECTS):  # a project that was renamed
            answer = self._patient_answer(url, parameters)
            if answer.status_code not in REDIRECTS:
                return answer
            url, parameters = urljoin(url, answer.headers.get("location", "")), {}
        raise PermanentError(f"the API redirects again and again, last to {url}")

    def _patient_answer(self, url: str, parameters: dict[str, Any]) -> requests.Response:
        """Ask until there is an answer; a rate limit may last, other failures only so long."""
        failures = iter(WAITS_SECONDS)
        while True:
            answer, problem = self._attempt(url, parameters)
            if answer is None:
                seconds = next(failures, None)
                if seconds is None:
                    raise TemporaryError(f"{self.address} does not answer: {problem}")
            else:
                seconds = _asked_wait(answer)
                if seconds is None:
                    return _require_good(answer)
                tell(f"the API's rate limit is reached: going on in {seconds:,.0f} s")
            self._wait(seconds)

    def _attempt(
        self, url: str, parameters: dict[str, Any]
    ) -> tuple[requests.Response | None, str]:
        """Return an answer, or none and what went wrong. The token goes to no other host."""
        if (urlsplit(url).scheme, urlsplit(url).netloc) != self._origin:
            raise PermanentError(f"expected the API to stay at {self.address}, got {url}")
        self.requests += 1
        try:
            answer = self._session.get(
                url, params=parameters, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            return None, type(error).__name__
        is_broken = answer.status_code >= SERVER_ERROR
        return (None if is_broken else answer), f"status {answer.status_code}"

    def _wait(self, seconds: float) -> None:
        self._stop.wait(seconds)
        if self._stop.told:
            raise Stopped


def _asked_wait(answer: requests.Response) -> float | None:
    """Return the seconds that a rate limit asks to wait; None where the answer is none of one."""
    if answer.status_code not in (FORBIDDEN, TOO_MANY):
        return None
    headers = answer.headers
    if (after := _number(headers.get("retry-after"))) is not None:
        return min(after, LONGEST_WAIT_SECONDS)
    remaining = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    reset = _number(headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset"))
    if remaining == "0" and reset is not None:
        return min(max(reset - time.time(), 0) + 1, LONGEST_WAIT_SECONDS)
    is_limit = answer.status_code == TOO_MANY or "rate limit" in answer.text.lower()
    return UNNAMED_WAIT_SECONDS if is_limit else None


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.isdecimal() else None


def _require_good(answer: requests.Response) -> requests.Response:
    status, path = answer.status_code, urlsplit(answer.url).path
    if status in NOT_THERE:
        raise NotFoundError(f"expected {path} to be there and the token to see it, got {status}")
    if status == UNAUTHORIZED:
        raise UnauthorizedError("the API refuses the token: it is wrong or expired")
    if not answer.ok:
        raise PermanentError(f"the API refuses {path} with {status}: {answer.text:.200}")
    return answer


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except requests.JSONDecodeError:
        raise PermanentError(
            f"expected JSON from {answer.url}; is --api the address of the API?"
        ) from None
