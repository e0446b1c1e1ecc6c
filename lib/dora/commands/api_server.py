"""The API server of the cluster that a pod runs in, asked as the pod's own account.

https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ says where a pod finds it, and
https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
how long lists are read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from dora.commands.command import Stopped
from dora.errors import NotFoundError, PermanentError, TemporaryError, UnauthorizedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dora.commands.command import Stop

# Where a kubelet puts an account's token, its namespace and who signs the API server's certificate.
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
# Of an object's at most 1.5 MiB, so that a page stays small even then; usual ones have 10 KiB.
PAGE_OBJECTS = 50
CONNECT_SECONDS, ANSWER_SECONDS = 5, 60
WAITS_SECONDS = (0.5, 1, 2, 4, 8)
UNAUTHORIZED, NOT_FOUND, EXPIRED, TOO_MANY, SERVER_ERROR = 401, 404, 410, 429, 500


class _Account(requests.auth.AuthBase):
    """The account's token, read anew for each request: a kubelet replaces it within the hour."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "token"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        request.headers["authorization"] = f"Bearer {_read(self._file)}"
        return request


class ApiServer:
    """The API server, asked with patience."""

    def __init__(self, stop: Stop) -> None:
        folder = Path(os.environ.get("SERVICE_ACCOUNT") or ACCOUNT)
        self.address, self.namespace = _address(), _read(folder / "namespace")
        self._stop, self._session = stop, requests.Session()
        self._session.trust_env = False  # neither a proxy nor another CA than the cluster's
        self._session.auth, self._session.verify = _Account(folder), str(folder / "ca.crt")

    def get(self, path: str, **parameters: Any) -> Any:
        """Return what is at a path.

        Raises:
            NotFoundError: there is nothing.
            UnauthorizedError: the API server refuses the account's token.
            PermanentError: it refuses the request.
            TemporaryError: it stays away.
        """
        return _content(self._answer(path, parameters))

    def items(self, path: str, **parameters: Any) -> Iterator[Any]:
        """Yield the objects of a list; one page of them is in memory. Raises what `get` raises."""
        token: str | None = ""
        while token is not None:
            page = self._page(path, {**parameters, "limit": PAGE_OBJECTS, "continue": token})
            yield from page.get("items") or []
            token = page["metadata"].get("continue") or None

    def _page(self, path: str, parameters: dict[str, Any]) -> Any:
        answer = self._answer(path, parameters)
        if answer.status_code == EXPIRED:
            # The list is too old to go on with; the answer says how to go on with the newest.
            parameters["continue"] = answer.json()["metadata"]["continue"]
            answer = self._answer(path, parameters)
        return _content(answer)

    def _answer(self, path: str, parameters: dict[str, Any]) -> requests.Response:
        problem = ""
        for seconds in (0, *WAITS_SECONDS):
            self._stop.wait(seconds)
            if self._stop.told:
                raise Stopped
            answer, problem = self._attempt(path, parameters)
            if answer is not None:
                return answer
        raise TemporaryError(f"the API server does not answer {path}: {problem}")

    def _attempt(
        self, path: str, parameters: dict[str, Any]
    ) -> tuple[requests.Response | None, str]:
        """Return an answer, or none and what went wrong."""
        try:
            answer = self._session.get(
                self.address + path,
                params=parameters,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
            )
        except requests.exceptions.SSLError:
            raise PermanentError(
                f"{self.address} does not show a certificate that the account trusts"
            ) from None
        except requests.RequestException as error:
            return None, type(error).__name__
        may_pass = answer.status_code >= SERVER_ERROR or answer.status_code == TOO_MANY
        return (None if may_pass else answer), f"status {answer.status_code}"


def _address() -> str:
    """Return the API server's address as Knative's adapters write it, who are the same source."""
    host, port = (os.environ.get(f"KUBERNETES_SERVICE_{part}", "") for part in ("HOST", "PORT"))
    if not host or not port:
        raise PermanentError("expected KUBERNETES_SERVICE_HOST and _PORT, which a pod has")
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise PermanentError(f"{file}, of the pod's account: {error.strerror}") from error


def _content(answer: requests.Response) -> Any:
    status, path = answer.status_code, urlsplit(answer.url).path
    if status == UNAUTHORIZED:
        raise UnauthorizedError("the API server refuses the account's token")
    if status == NOT_FOUND:
        raise NotFoundError(f"expected {path} to be there, got {status}")
    if not answer.ok:
        raise PermanentError(f"the API server refuses {path} with {status}: {_message(answer)}")
    return answer.json()


def _message(answer: requests.Response) -> str:
    """Return what the API server says of a refusal: who may not do what."""
    try:
        return f"{answer.json().get('message')!s:.300}"
    except (ValueError, AttributeError):
        return "no reason"
