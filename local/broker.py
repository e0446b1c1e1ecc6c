"""A small stand-in for the Knative Broker, for laptops and tests.

It reads the project's own Broker, Trigger and PingSource objects and keeps events in memory only:
what is under way when the process dies is lost. To a function or a source it behaves as Knative
Eventing 0.48 does with its channel-based Broker: the same scenarios (tests/broker) run against
both. It differs on purpose in these points:

- It answers a sender at once, as the Kafka Broker does, not when all is delivered.
- What it refuses it explains in a sentence, which is the reason in the dead letter of a reply too;
  the real Broker answers with a status alone.
- It takes bodies up to 1 MiB (413), 10,000 events under way (503), and delivers 16 at a time to a
  subscriber. GET / returns how many are under way, and whose stack it is part of.
- A reason in a dead letter is cut to 768 bytes; a longer one crashes the in-memory channel.
- It refuses what is no UTF-8 (400), durations that Knative misreads, and filters in CESQL.
- It reads JSON as Python does: NaN is taken, nesting without end is not, and white space before
  data is no part of it.
- The source of an event may be no URI, and specversion 0.3 means what 1.0 does.
"""

from __future__ import annotations

import asyncio
import base64
import io
import itertools
import logging
import re
import signal
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from local.cloudevent import Event, RefusedError, is_event, now, read_event
from local.manifests import (
    Delivery,
    Manifest,
    PingSource,
    Trigger,
    read_delivery,
    read_manifests,
    read_ping_source,
    read_trigger,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

log = logging.getLogger(__name__)

MAX_BODY = 1_048_576  # bytes, as much as every function takes
MAX_HEADER = 1_048_576  # bytes of one header, as much as Go's servers take of all
LARGE_BODY = 1_048_576  # bytes; aiohttp wants to write larger ones in parts
MAX_PENDING = 10_000  # events
MAX_ERROR_DATA = 1024  # characters of base64, Knative's limit
HOPS = "knativebrokerttl"
MAX_HOPS = 255
MAY_BE_BROKER = re.compile(r"/|/[^/]+/[^/]+")  # to Knative's ingress, which knows more than one
ALLOW = {"allow": "POST, OPTIONS"}
ANY_WEBHOOK = {"webhook-allowed-origin": "*", "webhook-allowed-rate": "*"}
UNTYPED = "text/plain; charset=utf-8"  # as Go's HTTP server calls text that does not say its type
RETRIED = {404, 408, 409, 429}  # beside every 5xx


@dataclass(frozen=True)
class Answer:
    """What came back for a delivery; no body where Knative gives no reason for a failure."""

    status: int
    body: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)
    reply: Event | None = None

    @property
    def succeeded(self) -> bool:
        """Say whether the subscriber took the event."""
        return self.status // 100 == 2  # noqa: PLR2004 - 2xx

    @property
    def retriable(self) -> bool:
        """Say whether another attempt may help."""
        return self.status >= 500 or self.status in RETRIED  # noqa: PLR2004 - 5xx

    def with_reply(self) -> Answer:
        """Return the answer with the CloudEvent in it; one that cannot be read makes it a failure."""
        if not self.succeeded or not (self.body or is_event(self.headers)):
            return self
        try:
            reply = read_event(self.headers, self.body or b"")
        except RefusedError:
            return Answer(502, None)
        if reply.data and "datacontenttype" not in reply.attributes:
            reply = reply.extended({"datacontenttype": UNTYPED})
        return replace(self, reply=reply)

    def error_attributes(self, url: str) -> dict[str, str]:
        """Return the extension attributes that say in the dead letters what went wrong."""
        if self.body is None:
            return {}
        data = base64.b64encode(self.body).decode()[:MAX_ERROR_DATA]
        code = str(self.status)
        return {"knativeerrordest": url, "knativeerrorcode": code, "knativeerrordata": data}


class Broker:
    """Takes events over HTTP and delivers each to the Triggers that match it."""

    def __init__(
        self,
        manifests: Iterable[Path],
        services: Mapping[str, str],
        max_pending: int = MAX_PENDING,
    ) -> None:
        by_kind = read_manifests(manifests)
        if len(by_kind["Broker"]) != 1:
            raise ValueError(f"the manifests hold {len(by_kind['Broker'])} Brokers, not one")
        [broker] = by_kind["Broker"]
        self._address = broker.read("metadata.namespace", str), broker.read("metadata.name", str)
        self._services = {name: url.rstrip("/") for name, url in services.items()}
        self._delivery = read_delivery(broker, self._services, Delivery())
        self._triggers = list(self._read_triggers(by_kind["Trigger"]))
        self._ping_sources = [read_ping_source(manifest) for manifest in by_kind["PingSource"]]
        self._max_pending = max_pending
        self.stack: Mapping[str, object] | None = None  # what GET / says of whose it is
        self._under_way: set[asyncio.Task[None]] = set()
        self._schedules: list[asyncio.Task[None]] = []
        self._stopping = False
        self._url = ""

    def _read_triggers(self, manifests: Iterable[Manifest]) -> Iterator[Trigger]:
        for manifest in manifests:
            namespace = manifest.read("metadata.namespace", str)
            if (namespace, manifest.read("spec.broker", str)) != self._address:
                raise manifest.wrong("spec.broker", f"is not the Broker {'/'.join(self._address)}")
            if manifest.read("spec.subscriber.ref.name", str) in self._services:
                yield read_trigger(manifest, self._services, self._delivery)
            else:
                log.info("%s is left out: its subscriber does not run here", manifest.file)

    @property
    def path(self) -> str:
        """Where events are sent to."""
        return "/" + "/".join(self._address)

    @property
    def pending(self) -> int:
        """How many events are still under way."""
        return len(self._under_way)

    async def start(self, port: int = 0) -> str:
        """Listen on the loopback interface, start the PingSources and return the base URL."""
        self._client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, max_field_size=MAX_HEADER)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._schedules = [asyncio.create_task(self._keep(source)) for source in self._ping_sources]
        url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._url = url + self.path
        return url

    async def drain(self, seconds: float) -> int:
        """Take no more events, wait up to the seconds for those under way, return how many are left."""
        self._stopping = True
        for schedule in self._schedules:
            schedule.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._under_way:
                    await asyncio.wait(self._under_way)
        return self.pending

    async def stop(self, seconds: float = 10) -> None:
        """Drain, then close; what is still under way is dropped."""
        if lost := await self.drain(seconds):
            log.error("the broker stops and drops %d events under way", lost)
        for task in self._under_way:
            task.cancel()
        await self._runner.cleanup()
        await self._client.close()

    def take(self, event: Event) -> None:
        """Start delivering an event.

        Raises:
            RefusedError: It is not valid, or has gone through the broker too often.
        """
        event.check()
        hops = event.attributes.get(HOPS, "")
        left = int(hops) - 1 if hops.removeprefix("-").isdecimal() else MAX_HOPS
        if left <= 0:
            raise RefusedError(f"the {event} has gone through the broker too often")
        event = event.extended({"knativearrivaltime": now(), HOPS: str(left)})
        task = asyncio.create_task(self._deliver_to_all(event))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def tick(self) -> None:
        """Send an event of each PingSource now."""
        for source in self._ping_sources:
            self.take(source.event())

    async def _keep(self, source: PingSource) -> None:
        due = datetime.now(UTC)
        while True:
            due = source.next_after(max(due, datetime.now(UTC)))
            await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
            self.take(source.event())

    async def _answer(self, request: web.Request) -> web.Response:
        if (request.method, request.path) == ("GET", "/"):
            return web.json_response({"pending": self.pending, "stack": self.stack})
        if request.method == "OPTIONS":
            return web.Response(headers=ALLOW | ANY_WEBHOOK)
        if request.method != "POST":
            return web.Response(status=405, text="events are sent by POST", headers=ALLOW)
        if request.raw_path.removesuffix("/") != self.path:
            status = 404 if MAY_BE_BROKER.fullmatch(request.path) else 400
            return web.Response(status=status, text=f"events are sent to {self.path}")
        return self._receive(request, await request.read())

    def _receive(self, request: web.Request, body: bytes) -> web.Response:
        if self._stopping:
            return web.Response(status=503, text="the broker stops")
        if self.pending >= self._max_pending:
            return web.Response(status=503, text=f"the broker is full: {self.pending} events")
        try:
            self.take(read_event(request.headers, body))
        except RefusedError as refused:
            return web.Response(status=refused.status, text=str(refused))
        return web.Response(status=202)

    async def _deliver_to_all(self, event: Event) -> None:
        triggers = [trigger for trigger in self._triggers if trigger.matches(event.attributes)]
        await asyncio.gather(*(self._deliver(trigger, event) for trigger in triggers))

    async def _deliver(self, trigger: Trigger, event: Event) -> None:
        attributes = dict(event.attributes)
        left = attributes.pop(HOPS)
        unmarked = replace(event, attributes=attributes)
        answer = await self._send(trigger, trigger.url, unmarked, wants_reply=True)
        if not answer.succeeded:
            await self._bury(trigger, event, trigger.url, answer)
        elif answer.reply:
            await self._take_reply(trigger, event, answer.reply.extended({HOPS: left}))

    async def _take_reply(self, trigger: Trigger, event: Event, reply: Event) -> None:
        try:
            self.take(reply)
        except RefusedError as refused:
            # As in Knative, the dead letter is what was replied to, not the reply.
            await self._bury(
                trigger, event, self._url, Answer(refused.status, str(refused).encode())
            )

    async def _bury(self, trigger: Trigger, event: Event, refused_by: str, answer: Answer) -> None:
        url = trigger.delivery.dead_letter_url
        log.warning("dead letter: %s, %s answered %d", event, refused_by, answer.status)
        letter = event.extended(answer.error_attributes(refused_by))
        if not url or not (await self._send(trigger, url, letter, wants_reply=False)).succeeded:
            log.error("lost: %s, no dead letter sink took it", event)

    async def _send(self, trigger: Trigger, url: str, event: Event, *, wants_reply: bool) -> Answer:
        """Send an event, again and again where that may help, and return the last answer."""
        headers = event.headers() | ({"prefer": "reply"} if wants_reply else {})
        for retries in itertools.count():
            async with trigger.slots:
                answer = await self._attempt(url, headers, event.data, trigger.delivery.timeout)
            if wants_reply:
                answer = answer.with_reply()
            if not answer.retriable or retries >= trigger.delivery.retry:
                break
            await asyncio.sleep(trigger.delivery.backoff(retries))
        return answer

    async def _attempt(
        self, url: str, headers: Mapping[str, str], data: bytes, seconds: float | None
    ) -> Answer:
        try:
            async with self._client.post(
                f"{url}/",
                data=io.BytesIO(data) if len(data) > LARGE_BODY else data,
                headers=headers,
                skip_auto_headers=["content-type"],
                timeout=aiohttp.ClientTimeout(total=seconds),
            ) as response:
                return Answer(response.status, await response.read(), response.headers)
        except TimeoutError:
            return Answer(500, None)
        except aiohttp.ClientError as error:
            # Knative gives a failure without an answer this code and text too.
            return Answer(500, f"dispatch error: {error}".encode())


async def serve(
    manifests: Iterable[Path],
    services: Mapping[str, str],
    port: int,
    stack: Mapping[str, object] | None = None,
) -> None:
    """Run a broker on a loopback port until SIGTERM or SIGINT, then drain it for 10 seconds.

    Args:
        manifests: YAML files; Knative objects in them other than Broker, Trigger, PingSource are ignored.
        services: The URL of the local process of each Knative Service, by the Service's name.
        port: 0 takes a free one.
        stack: What GET / says of the stack that it is part of.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    broker = Broker(manifests, services)
    broker.stack = stack
    log.info("the broker takes events at %s%s", await broker.start(port), broker.path)
    await stop.wait()
    await broker.stop()
