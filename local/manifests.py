"""Broker, Trigger and PingSource objects, read from the project's own YAML files."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from local.cloudevent import Event, now
from local.filters import Filter, trigger_filter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MAX_DELIVERIES = 16  # at a time to one Trigger's subscriber
# No more than one decimal digit: Knative reads PT0.05S as 5 ms.
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d)?)S)?)?")
SCHEDULE = re.compile(r"\*(?:/([1-9]|[1-5]\d))? \* \* \* \*")

Value = TypeVar("Value")


@dataclass(frozen=True)
class Manifest:
    """One Kubernetes object and the file that it is in."""

    file: Path
    content: Any

    def read(self, name: str, kind: type[Value], default: Value | None = None) -> Value:
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

    def read_seconds(self, name: str) -> float | None:
        """Return the field's ISO 8601 duration in seconds; None where it is missing."""
        text = self.read(name, str, "")
        if not text:
            return None
        match = DURATION.fullmatch(text)
        if not match or not any(match.groups()):
            duration = "an ISO 8601 duration such as PT0.2S, with at most one decimal digit"
            raise self.wrong(name, f"must be {duration}, but is {text!r}")
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
    backoff_policy: str = ""
    backoff_delay: float = 0.0
    timeout: float | None = None
    dead_letter_url: str | None = None

    def backoff(self, retries: int) -> float:
        """Return the seconds to wait after so many retries (Knative's linear one starts with 0)."""
        if not self.backoff_policy:
            return 0.0
        return self.backoff_delay * (retries if self.backoff_policy == "linear" else 2**retries)


@dataclass(frozen=True)
class Trigger:
    """Which events go to which URL, and how."""

    matches: Filter
    url: str
    delivery: Delivery
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_DELIVERIES))


@dataclass(frozen=True)
class PingSource:
    """A source of one event every few minutes."""

    minutes: int
    attributes: Mapping[str, str]
    data: bytes

    def event(self) -> Event:
        """Return a new event of now."""
        return Event({**self.attributes, "id": str(uuid.uuid4()), "time": now()}, self.data)

    def next_after(self, moment: datetime) -> datetime:
        """Return when the source sends next, as cron reckons: the hour's minutes divide by it."""
        due = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        return due + timedelta(minutes=min(-due.minute % self.minutes, 60 - due.minute))


def read_delivery(manifest: Manifest, services: Mapping[str, str], default: Delivery) -> Delivery:
    """Return an object's delivery; as in Knative, only its dead letter sink falls back alone."""
    if not manifest.read("spec.delivery", dict, {}):
        return default
    # Without a policy Knative does not wait, whatever the delay is.
    policy = manifest.read("spec.delivery.backoffPolicy", str, "")
    if policy not in ("exponential", "linear", ""):
        raise manifest.wrong("spec.delivery.backoffPolicy", "must be exponential or linear")
    sink = manifest.read("spec.delivery.deadLetterSink.ref.name", str, "")
    return Delivery(
        manifest.read("spec.delivery.retry", int, 0),
        policy,
        manifest.read_seconds("spec.delivery.backoffDelay") or 0.0,
        manifest.read_seconds("spec.delivery.timeout"),
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
    schedule = SCHEDULE.fullmatch(manifest.read("spec.schedule", str))
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
