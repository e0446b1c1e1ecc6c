"""A small stand-in for the Knative Broker, for laptops and tests.

It reads the project's own Broker, Trigger and PingSource objects and keeps events in memory only:
what is under way when the process dies is lost. Where it matters to a function or a source it
behaves as Knative Eventing does with its channel-based Broker, except that it answers a sender
at once, as the Kafka Broker does.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import logging
import re
import signal
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import yaml
from aiohttp import web

from local.filters import Filter, trigger_filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LOG = logging.getLogger(__name__)

_MAX_BODY = 1_048_576  # bytes
_MAX_PENDING = 10_000  # events
_MAX_DELIVERIES = 16  # at a time to one Trigger's subscriber
_MAX_ERROR_DATA = 1024  # characters of base64, as Knative cuts it
_HOPS = "knativebrokerttl"
_MAX_HOPS = 255
_RETRIED = {404, 408, 409, 429}  # beside every 5xx

_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]+")
# Lone surrogates are what is left of header bytes that are no UTF-8.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_SCHEDULE = re.compile(r"\*(?:/([1-9]|[1-5]\d))? \* \* \* \*")

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Event:
    """A CloudEvent: its context attributes and extensions as strings, its data as bytes."""

    attributes: Mapping[str, str]
    data: bytes

    def __str__(self) -> str:
        return f"event {self.attributes['id']} of {self.attributes['source']}"

    def extended(self, extensions: Mapping[str, str]) -> Event:
        """Return a copy with further attributes."""
        return replace(self, attributes={**self.attributes, **extensions})

    def headers(self) -> dict[str, str]:
        """Return the HTTP headers of the event in binary mode."""
        # The HTTP binding asks for percent-encoded values, but neither the Go SDK in Knative's
        # Broker nor the Python and Java SDKs encode or decode; a value that did would arrive
        # changed. So values go through untouched, other than ASCII as UTF-8.
        attributes = dict(self.attributes)
        content_type = attributes.pop("datacontenttype", None)
        headers = {f"ce-{name}": value for name, value in attributes.items()}
        return headers | ({"content-type": content_type} if content_type else {})


def parse_event(headers: Mapping[str, str], body: bytes) -> Event:
    """Return the CloudEvent of an HTTP message in binary or structured mode.

    Raises:
        ValueError: It is no CloudEvent; the sentence says why.
    """
    content_type = headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/cloudevents+json":
        event = _parse_structured(body)
    elif media_type.startswith("application/cloudevents"):
        raise _no_cloudevent(f"{media_type} is not taken, only single events in JSON are")
    else:
        attributes = {"datacontenttype": content_type} if content_type else {}
        names = [name for name in headers if name.lower().startswith("ce-")]
        event = Event(attributes | {name[3:].lower(): headers[name] for name in names}, body)
    _check(event.attributes)
    return event


def _no_cloudevent(reason: str) -> ValueError:
    return ValueError(f"this is no CloudEvent: {reason}")


def _parse_structured(body: bytes) -> Event:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise _no_cloudevent("the body is not JSON") from None
    if not isinstance(content, dict):
        raise _no_cloudevent("the body is no JSON object")
    attributes = {
        name: _attribute_text(name, value)
        for name, value in content.items()
        if name not in ("data", "data_base64") and value is not None
    }
    if "data" in content:
        attributes.setdefault("datacontenttype", "application/json")
    return Event(attributes, _structured_data(content, attributes.get("datacontenttype", "")))


def _attribute_text(name: str, value: Any) -> str:
    if not isinstance(value, str | int):
        raise _no_cloudevent(f"{name} is no string, integer or boolean")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _structured_data(content: Mapping[str, Any], content_type: str) -> bytes:
    is_json = re.search(r"[/+]json\s*(;|$)", content_type.lower())
    match content:
        case {"data": _, "data_base64": _}:
            raise _no_cloudevent("it has both data and data_base64")
        case {"data": str(text)} if not is_json:
            return text.encode()
        case {"data": value}:
            return json.dumps(value, separators=(",", ":")).encode()
    try:
        return base64.b64decode(content.get("data_base64") or "", validate=True)
    except (ValueError, TypeError):
        raise _no_cloudevent("data_base64 is not base64") from None


def _check(attributes: Mapping[str, str]) -> None:
    for name in ("specversion", "id", "source", "type"):
        if not attributes.get(name):
            raise _no_cloudevent(f"{name} is missing or empty")
    if attributes["specversion"] != "1.0":
        raise _no_cloudevent("specversion is not 1.0")
    for name, value in attributes.items():
        if not _ATTRIBUTE_NAME.fullmatch(name):
            raise _no_cloudevent(f"{name!r} cannot name an attribute")
        if _FORBIDDEN.search(value):
            raise _no_cloudevent(f"{name} has a character that no attribute may have")


@dataclass(frozen=True)
class Manifest:
    """One Kubernetes object and the file that it is in."""

    file: Path
    content: Any

    def read(self, name: str, kind: type[_Value], default: _Value | None = None) -> _Value:
        """Return the field of a dotted name, or the default where it is missing.

        Raises:
            ValueError: It has another type, or is missing and has no default.
        """
        value = self.content
        for key in name.split("."):
            if value is not None and not isinstance(value, dict):
                raise self.wrong(name, "is not where it should be")
            value = (value or {}).get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, kind):
            raise self.wrong(name, f"must be of type {kind.__name__}, but is {value!r}")
        return value

    def read_seconds(self, name: str, default: float) -> float:
        """Return the field's ISO 8601 duration in seconds."""
        text = self.read(name, str, f"PT{default}S")
        match = _DURATION.fullmatch(text)
        if not match or not any(match.groups()):
            raise self.wrong(name, f"must be an ISO 8601 duration such as PT0.2S, but is {text!r}")
        units = (86_400, 3_600, 60, 1)
        return sum(float(n or 0) * unit for n, unit in zip(match.groups(), units, strict=True))

    def wrong(self, name: str, sentence: str) -> ValueError:
        """Return the error that says what is wrong with a field."""
        return ValueError(f"{self.file}: {name} {sentence}")


def read_manifests(files: Iterable[Path]) -> dict[str, list[Manifest]]:
    """Return the Knative objects in YAML files by kind; others are left out."""
    by_kind: dict[str, list[Manifest]] = {"Broker": [], "Trigger": [], "PingSource": []}
    for manifest in (manifest for file in files for manifest in _read_file(file)):
        group = manifest.read("apiVersion", str, "").partition("/")[0]
        if group in ("eventing.knative.dev", "sources.knative.dev"):
            by_kind.setdefault(manifest.read("kind", str), []).append(manifest)
    return by_kind


def _read_file(file: Path) -> list[Manifest]:
    try:
        contents = list(yaml.safe_load_all(file.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as wrong:
        raise ValueError(f"{file}: this is no YAML: {str(wrong).splitlines()[0]}") from None
    return [Manifest(file, content) for content in contents if content is not None]


@dataclass(frozen=True)
class Delivery:
    """How often and how long to try, in seconds, and the URL that takes what failed."""

    retry: int = 0
    backoff_policy: str = "exponential"
    backoff_delay: float = 0.0
    timeout: float = 30.0
    dead_letter_url: str | None = None

    def backoff(self, retries: int) -> float:
        """Return the seconds to wait after so many retries (Knative's linear one starts with 0)."""
        return self.backoff_delay * (retries if self.backoff_policy == "linear" else 2**retries)


@dataclass(frozen=True)
class Trigger:
    """Which events go to which URL, and how."""

    matches: Filter
    url: str
    delivery: Delivery
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_MAX_DELIVERIES))


@dataclass(frozen=True)
class PingSource:
    """A source of one event every few minutes."""

    minutes: int
    attributes: Mapping[str, str]
    data: bytes

    def event(self) -> Event:
        """Return a new event of now."""
        return Event({**self.attributes, "id": str(uuid.uuid4()), "time": _now()}, self.data)

    def next_after(self, moment: datetime) -> datetime:
        """Return when the source sends next, as cron reckons: the hour's minutes divide by it."""
        due = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return due + timedelta(minutes=min(-due.minute % self.minutes, 60 - due.minute))


def read_delivery(manifest: Manifest, services: Mapping[str, str], default: Delivery) -> Delivery:
    """Return an object's delivery; as in Knative, only its dead letter sink falls back alone."""
    if not manifest.read("spec.delivery", dict, {}):
        return default
    policy = manifest.read("spec.delivery.backoffPolicy", str, "exponential")
    if policy not in ("exponential", "linear"):
        raise manifest.wrong("spec.delivery.backoffPolicy", "must be exponential or linear")
    sink = manifest.read("spec.delivery.deadLetterSink.ref.name", str, "")
    return Delivery(
        manifest.read("spec.delivery.retry", int, 0),
        policy,
        manifest.read_seconds("spec.delivery.backoffDelay", 0.0),
        manifest.read_seconds("spec.delivery.timeout", Delivery.timeout),
        services.get(sink, default.dead_letter_url),
    )


def read_trigger(manifest: Manifest, services: Mapping[str, str], default: Delivery) -> Trigger:
    """Return the Trigger of a manifest; its subscriber must be one of the services."""
    try:
        matches = trigger_filter(manifest.read("spec", dict))
    except ValueError as wrong:
        raise ValueError(f"{manifest.file}: {wrong}") from None
    url = services[manifest.read("spec.subscriber.ref.name", str)]
    return Trigger(matches, url, read_delivery(manifest, services, default))


def read_ping_source(manifest: Manifest) -> PingSource:
    """Return the PingSource of a manifest."""
    schedule = _SCHEDULE.fullmatch(manifest.read("spec.schedule", str))
    if not schedule:
        raise manifest.wrong("spec.schedule", "must be '* * * * *' or '*/n * * * *'")
    namespace, name = manifest.read("metadata.namespace", str), manifest.read("metadata.name", str)
    attributes = {
        "specversion": "1.0",
        "type": "dev.knative.sources.ping",
        "source": f"/apis/v1/namespaces/{namespace}/pingsources/{name}",
        "datacontenttype": manifest.read("spec.contentType", str, "application/json"),
    }
    for extension in manifest.read("spec.ceOverrides.extensions", dict, {}):
        attributes[extension] = manifest.read(f"spec.ceOverrides.extensions.{extension}", str)
    data = manifest.read("spec.data", str, "").encode()
    return PingSource(int(schedule[1] or 1), attributes, data)


@dataclass(frozen=True)
class Answer:
    """What came back for a delivery; no body where a 2xx had one that is no CloudEvent."""

    status: int
    body: bytes | None
    reply: Event | None = None

    @property
    def succeeded(self) -> bool:
        """Say whether the subscriber took the event."""
        return self.status // 100 == 2  # noqa: PLR2004 - 2xx

    @property
    def retriable(self) -> bool:
        """Say whether another attempt may help."""
        return self.status >= 500 or self.status in _RETRIED  # noqa: PLR2004 - 5xx

    def error_attributes(self, url: str) -> dict[str, str]:
        """Return the extension attributes that tell the dead letters what went wrong."""
        if self.body is None:
            return {}
        data = base64.b64encode(self.body).decode()[:_MAX_ERROR_DATA]
        code = str(self.status)
        return {"knativeerrordest": url, "knativeerrorcode": code, "knativeerrordata": data}


class Broker:
    """Takes events over HTTP and delivers each to the Triggers that match it."""

    def __init__(
        self,
        manifests: Iterable[Path],
        services: Mapping[str, str],
        max_pending: int = _MAX_PENDING,
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
        self._under_way: set[asyncio.Task[None]] = set()
        self._schedules: list[asyncio.Task[None]] = []
        self._stopping = False

    def _read_triggers(self, manifests: Iterable[Manifest]) -> Iterator[Trigger]:
        for manifest in manifests:
            namespace = manifest.read("metadata.namespace", str)
            if (namespace, manifest.read("spec.broker", str)) != self._address:
                raise manifest.wrong("spec.broker", f"is not the Broker {'/'.join(self._address)}")
            if manifest.read("spec.subscriber.ref.name", str) in self._services:
                yield read_trigger(manifest, self._services, self._delivery)
            else:
                _LOG.info("%s is left out: its subscriber does not run here", manifest.file)

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
        application = web.Application(client_max_size=_MAX_BODY)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._schedules = [asyncio.create_task(self._keep(source)) for source in self._ping_sources]
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

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
            _LOG.error("the broker stops and drops %d events under way", lost)
        for task in self._under_way:
            task.cancel()
        await self._runner.cleanup()
        await self._client.close()

    def take(self, event: Event) -> None:
        """Start delivering an event.

        Raises:
            ValueError: It has gone through the broker too often.
        """
        hops = event.attributes.get(_HOPS, "")
        left = int(hops) - 1 if hops.isdecimal() else _MAX_HOPS
        if left <= 0:
            raise ValueError(f"the {event} has gone through the broker too often")
        event = event.extended({"knativearrivaltime": _now(), _HOPS: str(left)})
        task = asyncio.create_task(self._deliver_to_all(event))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def tick(self) -> None:
        """Send an event of each PingSource now."""
        for source in self._ping_sources:
            self.take(source.event())

    async def _keep(self, source: PingSource) -> None:
        due = _utc_now()
        while True:
            due = source.next_after(max(due, _utc_now()))
            await asyncio.sleep((due - _utc_now()).total_seconds())
            self.take(source.event())

    async def _answer(self, request: web.Request) -> web.Response:
        if (request.method, request.path) == ("GET", "/"):
            return web.json_response({"pending": self.pending})
        if request.path != self.path:
            return web.Response(status=404, text=f"events are sent to {self.path}")
        if request.method != "POST":
            allow = {"allow": "POST"}
            return web.Response(status=405, text="events are sent by POST", headers=allow)
        return self._receive(request, await request.read())

    def _receive(self, request: web.Request, body: bytes) -> web.Response:
        if self._stopping:
            return web.Response(status=503, text="the broker stops")
        if self.pending >= self._max_pending:
            return web.Response(status=503, text=f"the broker is full: {self.pending} events")
        try:
            self.take(parse_event(request.headers, body))
        except ValueError as wrong:
            return web.Response(status=400, text=str(wrong))
        return web.Response(status=202)

    async def _deliver_to_all(self, event: Event) -> None:
        triggers = [trigger for trigger in self._triggers if trigger.matches(event.attributes)]
        await asyncio.gather(*(self._deliver(trigger, event) for trigger in triggers))

    async def _deliver(self, trigger: Trigger, event: Event) -> None:
        left = event.attributes[_HOPS]
        attributes = {name: v for name, v in event.attributes.items() if name != _HOPS}
        answer = await self._send(trigger, trigger.url, replace(event, attributes=attributes))
        if not answer.succeeded:
            await self._bury(trigger, event, answer)
        elif answer.reply:
            self._take_reply(answer.reply.extended({_HOPS: left}))

    def _take_reply(self, reply: Event) -> None:
        try:
            self.take(reply)
        except ValueError as wrong:
            _LOG.error("%s and is dropped", wrong)

    async def _bury(self, trigger: Trigger, event: Event, answer: Answer) -> None:
        url = trigger.delivery.dead_letter_url
        _LOG.warning("dead letter: %s, %s answered %d", event, trigger.url, answer.status)
        letter = event.extended(answer.error_attributes(trigger.url))
        if not url or not (await self._send(trigger, url, letter)).succeeded:
            _LOG.error("lost: %s, no dead letter sink took it", event)

    async def _send(self, trigger: Trigger, url: str, event: Event) -> Answer:
        """Send an event, again and again where that may help, and return the last answer."""
        for retries in itertools.count():
            async with trigger.slots:
                answer = await self._attempt(url, event, trigger.delivery.timeout)
            if not answer.retriable or retries >= trigger.delivery.retry:
                break
            await asyncio.sleep(trigger.delivery.backoff(retries))
        return answer

    async def _attempt(self, url: str, event: Event, seconds: float) -> Answer:
        try:
            async with self._client.post(
                f"{url}/",
                data=event.data,
                headers={**event.headers(), "prefer": "reply"},
                skip_auto_headers=["content-type"],
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
            ) as response:
                return _read_answer(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            # Knative gives a failure without an answer this code and text too.
            return Answer(500, f"dispatch error: {error or type(error).__name__}".encode())


def _read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    answer = Answer(status, body)
    if not answer.succeeded or (not body and "ce-specversion" not in headers):
        return answer
    try:
        return replace(answer, reply=parse_event(headers, body))
    except ValueError:
        return Answer(502, None)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _now() -> str:
    return _utc_now().isoformat().replace("+00:00", "Z")


async def serve(manifests: Iterable[Path], services: Mapping[str, str], port: int) -> None:
    """Run a broker on a loopback port until SIGTERM or SIGINT, then drain it for 10 seconds.

    Args:
        manifests: YAML files; Knative objects in them other than Broker, Trigger, PingSource are ignored.
        services: The URL of the local process of each Knative Service, by the Service's name.
        port: 0 takes a free one.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    broker = Broker(manifests, services)
    _LOG.info("the broker takes events at %s%s", await broker.start(port), broker.path)
    await stop.wait()
    await broker.stop()
