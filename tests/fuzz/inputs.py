"""Inputs for every function, drawn by chance: nearly right, so that they come far before they fail."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from random import Random
from typing import Any, Self
from urllib.parse import urlencode

from dora.cdevents.types import TYPES
from dora.questions.question import BUCKETS, OVERVIEW, QUALITY, TIERS
from dora.questions.routes import ROUTES
from tests.conftest import FUNCTIONS
from tests.events import carried, cdevent, cloudevent
from tests.functions.examples import FOLDER, INPUTS, transformer
from tests.functions.test_mutations import ODD, mutate
from tests.functions.test_webhooks_endpoint import SOURCES, signed
from tests.metrics.conftest import METRICS, TICK
from tests.metrics.happenings import Event
from tests.metrics.histories import SINGLE

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
KEEPERS = [
    "cloudevents-endpoint",
    "cdevents-endpoint",
    "cdevents-endpoint",
    "dead-letters-endpoint",
]
TRANSFORMERS = sorted({transformer(file) for file in INPUTS if transformer(file) in FUNCTIONS})
# What the fields of a CDEvent hold, by their kind; all others text.
VALUES = {"reference": {"id": "x"}, "uri": "https://x.example", "boolean": True, "-": "x"}
HEADERS = [
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_specversion",
    "ce_traceparent",
]
HEADERS += [
    "ce_knativearrivaltime",
    "ce_recorded",
    "ce_catchup",
    "ce_way",
    "content_type",
    "accept",
]
PAGES = [
    "/",
    "/overview",
    "/services",
    "/deployment",
    "/nothing",
    "/badges/x.svg",
    "/health/liveness",
]
# Words that questions know, beside what they do not.
WORDS = [
    *BUCKETS,
    *TIERS,
    "service",
    "environment",
    "team",
    "csv",
    "json",
    "html",
    "shop",
    "production",
]
WORDS += [
    "2026-01-01",
    "2026-01-05T00:00:00Z",
    "P1D",
    "-90d",
    "Europe/Berlin",
    "1",
    "1000",
    "2025-12-29",
]


@dataclass(frozen=True)
class Input:
    """A request to a function; webhooks are signed when they are sent."""

    function: str
    path: str = "/"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    signed_as: str | None = None

    def to_json(self) -> str:
        """Return it as a line."""
        body = None if self.body is None else base64.b64encode(self.body).decode()
        return json.dumps(asdict(self) | {"body": body}, sort_keys=True)

    @classmethod
    def of_json(cls, line: str) -> Self:
        """Read what to_json made."""
        parts = json.loads(line)
        return cls(**parts | {"body": parts["body"] and base64.b64decode(parts["body"])})

    def all_headers(self) -> dict[str, str]:
        """Return its headers with the signature of its sender."""
        shown = signed(self.signed_as, self.body or b"") if self.signed_as else {}
        return shown | self.headers


@cache
def examples(name: str) -> list[Any]:
    """Return what a transformer's source sends."""
    return [json.loads(file.read_text()) for file in INPUTS if transformer(file) == name]


@cache
def emitted() -> list[Any]:
    """Return the CDEvents that transformers make of their examples."""
    return [json.loads(file.read_text()) for file in sorted(FOLDER.glob("*/outputs/**/*.json"))]


class Inputs:
    """Draws inputs; what was interesting before is drawn and broken again."""

    def __init__(self, random: Random, known: list[Input]) -> None:
        self.random, self.known = random, known

    def draw(self) -> Input:
        """Return the next one."""
        if self.known and self.random.random() < 0.2:
            return self._changed(self.random.choice(self.known))
        kinds = [self._transformed, self._kept, self._kept, self._counted, self._webhook]
        return self.random.choice([*kinds, self._question, self._question])()

    def _transformed(self) -> Input:
        name = self.random.choice(TRANSFORMERS)
        return self._event(name, self._broken(self.random.choice(examples(name))))

    def _kept(self) -> Input:
        name = self.random.choice(KEEPERS)
        if self.random.random() < 0.1:
            batch = [self._broken(self._cdevent()) for _ in range(self.random.randrange(5))]
            return Input(name, headers={"content_type": BATCH}, body=self._text(batch))
        return self._event(name, self._broken(self._cdevent()))

    def _counted(self) -> Input:
        event = self.random.choice([TICK, self._cdevent() | {"recorded": "true"}])
        return self._event(self.random.choice(METRICS), self._broken(event))

    def _cdevent(self) -> Event:
        dice = self.random.random()
        if dice < 0.3:
            event: Event = self.random.choice(emitted())
            return event
        if dice < 0.8:
            return carried(self.random.choice(SINGLE)().draw(self.random))
        return _of_type(self.random.choice([*TYPES]))

    def _webhook(self) -> Input:
        source = self.random.choice(sorted(SOURCES))
        events = examples(f"{source}-transformer") if f"{source}-transformer" in FUNCTIONS else []
        event = self.random.choice(events or [cloudevent(data={"deployment": {"id": "d1"}})])
        content_type = self.random.choice(["application/json"] * 9 + [STRUCTURED])
        sent = event.get("data") if content_type != STRUCTURED else event
        headers = {"content_type": content_type, "X_GitHub_Event": event["type"].split(".")[-1]}
        body = self._text(self._broken(sent))
        return Input("webhooks-endpoint", f"/{source}", headers, body, source)

    def _question(self) -> Input:
        path = self.random.choice([*ROUTES, *PAGES])
        names = [*OVERVIEW, *QUALITY, "cursor", "limit", "id", "source", "group_by", "nothing"]
        asked = [
            (self.random.choice(names), self._word())
            for _ in range(self.random.choice([0, 1, 2, 4]))
        ]
        accept = self.random.choice(["application/json", "text/html", "text/csv", "*/*", "x"])
        query = urlencode(asked, errors="surrogatepass")
        return Input("metrics-endpoint", f"{path}?{query}", {"accept": accept})

    def _word(self) -> str:
        return str(self.random.choice([*WORDS, *WORDS, *ODD]))

    def _broken(self, event: Any) -> Any:
        return mutate(event, self.random) if self.random.random() < 0.8 else event

    def _event(self, function: str, event: Any) -> Input:
        is_binary = isinstance(event, dict) and self.random.random() < 0.3
        if not is_binary:
            return Input(function, headers={"content_type": STRUCTURED}, body=self._text(event))
        headers = {
            f"ce_{name}": _printable(value)
            for name, value in event.items()
            if name not in ("data", "data_base64", "datacontenttype") and _printable(name)
        }
        headers["content_type"] = _printable(event.get("datacontenttype") or "application/json")
        return Input(function, headers=headers, body=self._text(event.get("data")))

    def _text(self, value: Any) -> bytes:
        """Return JSON, now and then none that is right."""
        text = json.dumps(value, ensure_ascii=self.random.random() < 0.5)
        dice = self.random.random()
        if dice < 0.02:
            text = text[: self.random.randrange(len(text) + 1)]
        elif dice < 0.04:
            text = text.replace(":", ': NaN, "q":', 1)
        elif dice < 0.06:
            text = text.replace("{", '{"id": "twice", ', 1)
        elif dice < 0.08:
            text = text.replace('"1"', "[" * 2000, 1)
        return text.encode("utf-8", "surrogatepass")

    def _changed(self, known: Input) -> Input:
        """Break something of an input: its header, its bytes, or a value of its JSON."""
        dice = self.random.random()
        if dice < 0.2 or known.body is None:
            name, word = self.random.choice(HEADERS), _printable(self._word())
            return replace(known, headers=known.headers | {name: word})
        if dice < 0.4:
            place = self.random.randrange(len(known.body) + 1)
            odd = self.random.choice([b"", b"\0", b"\xff", b"}", b'"', b",", b"\\ud800", b"9" * 40])
            return replace(known, body=known.body[:place] + odd + known.body[place + 1 :])
        try:
            value = json.loads(known.body)
        except (ValueError, RecursionError):
            return replace(known, body=known.body * 2)
        return replace(known, body=self._text(mutate(value, self.random)))


def _of_type(name: str) -> Event:
    """Return an event of a type of any release, with all the fields that it may have."""
    event = cdevent()
    event["context"] |= {"id": name, "type": name}
    event["subject"] |= {"content": _fields(TYPES[name].content)}
    if "type*" in TYPES[name].subject:
        event["subject"]["type"] = name.split(".")[2]
    if not TYPES[name].context.startswith("specversion"):
        event["context"]["version"] = event["context"].pop("specversion")
    return carried(event)


def _fields(content: str) -> dict[str, Any]:
    named = [part.split(": ") for part in content.split(", ") if ": " in part]
    return {
        name.rstrip("*").partition("|")[0]: VALUES.get(
            kind.rstrip("+?"), kind.strip("=").partition("|")[0]
        )
        for name, kind in named
    }


def _printable(value: Any) -> str:
    """Return what a header may hold."""
    text = value if isinstance(value, str) else json.dumps(value)
    return (
        "".join(each for each in text if each.isprintable())
        .encode("latin-1", "replace")
        .decode("latin-1")[:2000]
    )
