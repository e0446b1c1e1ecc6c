"""What the scenarios say to a broker: to the stand-in here, to the real one in `tests/knative`.

A scenario starts a broker with Triggers and their subscribers, sends events, waits until the broker
is quiet, and looks at what each subscriber received.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import requests
import yaml

from local.broker import Broker
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

NAMESPACE = "dora-cloudevents"
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
# What fails is tried twice more; durations as Knative reads them, to a tenth of a second.
DELIVERY = {"retry": 2, "backoffPolicy": "exponential", "backoffDelay": "PT0.1S"}
PROBE = "probe"  # the type of events by which a real broker is found to serve its Triggers

Received = dict[str, str]


def event(**attributes: str) -> dict[str, str]:
    """Return an event's attributes, complete."""
    return {"specversion": "1.0", "id": "1", "source": "/test", "type": "test.event"} | attributes


def binary(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of an event in binary mode."""
    renamed = {"datacontenttype": "content-type"}
    return {renamed.get(name, f"ce-{name}"): value for name, value in attributes.items()}


def structured(**content: Any) -> bytes:
    """Return an event in structured mode, without white space: Knative misreads some."""
    return json.dumps(event() | content, separators=(",", ":")).encode()


def exact(**attributes: str) -> dict[str, list[dict[str, dict[str, str]]]]:
    """Return what a Trigger says that takes events of these attributes."""
    return {"filters": [{"exact": attributes}]}


def error_of(letter: Received) -> Received:
    """Return what a dead letter says of the reason."""
    return {name: value for name, value in letter.items() if name.startswith("knativeerror")}


@dataclass(frozen=True)
class Answer:
    """How a subscriber answers."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Subscriber:
    """An HTTP server that answers as a test says, the last answer again and again, and remembers.

    What a probe asks it answers and forgets.
    """

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers or (Answer(),))
        self._lock = threading.Lock()
        self.open = threading.Event()  # while it is cleared, nobody gets an answer
        self.open.set()
        self.probed = threading.Event()
        self.forget()
        self.busy = 0
        self.most_busy = 0
        self._server = _server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.events]

    def forget(self) -> None:
        """Forget what came."""
        self.events: list[Received] = []
        self.bodies: list[bytes] = []
        self.times: list[float] = []
        self.paths: set[str] = set()
        self.shown: list[str | None] = []

    def receive(self, path: str, received: Received, body: bytes) -> Answer:
        if received.get("type") == PROBE:
            self.probed.set()
            return Answer()
        with self._lock:
            self.busy += 1
            self.most_busy = max(self.busy, self.most_busy)
            self.events.append(received)
            self.bodies.append(body)
            self.times.append(time.monotonic())
            self.paths.add(path)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.open.wait(PATIENCE_SECONDS)
        with self._lock:
            self.busy -= 1
        return answer

    def close(self) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


def _server(subscriber: Subscriber) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one packet: in two, each would wait 40 ms for an ACK

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            subscriber.shown.append(self.headers.get("authorization"))
            answer = subscriber.receive(self.path, _attributes(self.headers), body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_GET(self) -> None:
            self.do_POST()  # what some redirections become

        def log_message(self, *_: Any) -> None:
            pass

    return _Server(("127.0.0.1", 0), Handler)


def _attributes(headers: Message) -> Received:
    utf8 = {name.lower(): value.encode("latin-1").decode() for name, value in headers.items()}
    content_type = utf8.get("content-type")
    received = {name[3:]: value for name, value in utf8.items() if name.startswith("ce-")}
    return received | ({"datacontenttype": content_type} if content_type else {})


@dataclass(frozen=True)
class Trigger:
    """A subscriber and what its Trigger says beside it: filter, filters, delivery."""

    subscriber: Subscriber
    spec: Mapping[str, Any] = field(default_factory=dict)


class RunningBroker(ABC):
    """A broker under test: where it listens, the path of its address, whether it says why it refuses."""

    root: str
    path: str
    explains: bool

    def __init__(self) -> None:
        self.session = requests.Session()

    def post(self, headers: Mapping[str, str], body: bytes = b"") -> requests.Response:
        """Send an HTTP request to the broker's address."""
        encoded = {name: value.encode() for name, value in headers.items()}
        return self.session.post(
            self.root + self.path, data=body, headers=encoded, timeout=PATIENCE_SECONDS
        )

    def send(self, attributes: Mapping[str, str], body: bytes = b"") -> None:
        """Send an event that the broker must take."""
        response = self.post(binary(attributes), body)
        assert response.status_code == 202, response.text

    @abstractmethod
    def settle(self) -> None:
        """Wait until no event is under way."""

    def close(self) -> None:
        """Send no more."""
        self.session.close()


class LocalBroker(RunningBroker):
    """The stand-in, in a thread of this process."""

    explains = True

    def __init__(self, files: list[Path], services: Mapping[str, str], **options: int) -> None:
        super().__init__()
        self.broker = Broker(files, services, **options)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.root, self.path = self.run(self.broker.start()), self.broker.path

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE_SECONDS)

    def pending(self) -> int:
        pending: int = self.session.get(self.root, timeout=PATIENCE_SECONDS).json()["pending"]
        return pending

    def settle(self) -> None:
        wait_until(lambda: self.pending() == 0)

    def close(self) -> None:
        super().close()
        self.run(self.broker.stop(0))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


StartSubscriber = Callable[..., Subscriber]
StartBroker = Callable[[Mapping[str, Trigger]], RunningBroker]
StartStandIn = Callable[..., LocalBroker]


def write_manifests(
    folder: Path,
    triggers: Mapping[str, Trigger],
    delivery: Mapping[str, Any],
) -> list[Path]:
    """Write a Broker and Triggers, one object a file."""
    files = {"dora": manifest("Broker", NAMESPACE, "dora", {"delivery": dict(delivery)})}
    for name, trigger in triggers.items():
        spec = {"broker": "dora", "subscriber": sink(name), **trigger.spec}
        files[f"trigger-{name}"] = manifest("Trigger", NAMESPACE, name, spec)
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return sorted(folder.glob("*.yaml"))


def sink(name: str) -> dict[str, Any]:
    service = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
    return {"ref": service | {"name": name, "namespace": NAMESPACE}}


def manifest(kind: str, namespace: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return a Broker or a Trigger."""
    metadata = {"name": name, "namespace": namespace}
    version = "eventing.knative.dev/v1"
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": dict(spec)}
