"""Events of somebody who wants a page, a picture, a table or a terminal to do what it should not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dora.limits import ENVIRONMENT_BYTES, NAME_BYTES
from tests.events import carried, cdevent, cloudevent

SCRIPT = "<script>alert('dora')</script>"
MARKS = "\u202egnp.exe\u202d\u2066"
ESCAPES = "\x1b[31mred\x1b]0;title\x07 \x9b2J\r\x08"
LONG = "x" * 10_000
TEXTS = [
    SCRIPT,
    "\"><img src=x onerror=alert('dora')>",
    "'-alert('dora')-'",
    "{{ 7 * 7 }}{% raw %}",
    MARKS,
    ESCAPES,
    '=HYPERLINK("https://evil.example")',
    "+1+1",
    "@SUM(1)",
    "\u200b",
    "&lt;b&gt;&amp;]]><!--",
    LONG,
    "\u0627\u0644\u062e\u062f\u0645\u0629",
]
LINKS = [
    "javascript:alert('dora')",
    "JaVaScRiPt:alert('dora')",
    "data:text/html,<script>alert('dora')</script>",
    "https://evil.example/\"onmouseover=\"alert('dora')",
    "//evil.example/x",
    "vbscript:x",
    "https://evil.example/\x1b[31m",
]


def events() -> Iterator[dict[str, Any]]:
    """Return CloudEvents with CDEvents in which every text that somebody may see is hostile."""
    first = datetime.now(UTC) - timedelta(days=len(TEXTS) + 1)
    for place, text in enumerate(TEXTS):
        link, day = LINKS[place % len(LINKS)], first + timedelta(days=place)
        yield from map(carried, _of(place, text, link, day))


def names() -> list[str]:
    """Return what the services are called."""
    return [_name(text) for text in TEXTS]


def _name(text: str) -> str:
    """Return what an id may be: what is longer or has control characters is refused at the gate."""
    return "".join(each for each in text if unicodedata.category(each) != "Cc")[:NAME_BYTES]


def dead_letters() -> Iterator[dict[str, Any]]:
    """Return what a Broker could not deliver, with reasons that are hostile, too."""
    for place, text in enumerate(TEXTS):
        letter = cloudevent(id=str(place), source=f"/x?{place}", type="x")
        letter |= {"knativeerrorcode": "422", "knativeerrordest": "http://x"}
        yield letter | {"data": {"text": text}}


def _of(place: int, text: str, link: str, at: datetime) -> Iterator[dict[str, Any]]:
    def when(minutes: int) -> str:
        return f"{at + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"

    sha, name, own = f"{place:040x}", _name(text), text[: NAME_BYTES - 20]
    own_id, repository = _name(own), link[:NAME_BYTES]
    source = f"https://tool.example/{place}"
    environment = f"production {text[: ENVIRONMENT_BYTES - 20]}"
    yield cdevent(
        "change.merged",
        id=f"{own_id}-merged",
        source=source,
        subject=sha,
        time=when(0),
        content={"repository": {"id": repository}},
        custom={
            "branch": own,
            "defaultBranch": own,
            "commits": [
                {"sha": name, "committedAt": when(-90)},
                {"sha": sha, "committedAt": when(-60)},
            ],
            "url": link,
        },
    )
    yield cdevent(
        "service.deployed",
        id=f"{own_id}-deployed",
        source=source,
        subject=name,
        time=when(10),
        content={
            "environment": {"id": environment},
            "artifactId": f"pkg:oci/{place}?tag={text[:500]}",
        },
        custom={"commit": sha, "repository": repository, "team": name, "url": link},
    )
    yield cdevent(
        "service.deployed",
        id=f"{own_id}-of-unknown-commit",
        source=source,
        subject=name,
        time=when(15),
        content={"environment": {"id": own[:200]}, "artifactId": f"pkg:oci/{place}?tag=2"},
        custom={"commit": name, "repository": repository},
    )
    yield cdevent(
        "incident.detected",
        id=f"{own_id}-detected",
        source=source,
        subject=f"{own_id}-incident",
        time=when(20),
        content={
            "environment": {"id": environment},
            "service": {"id": name},
            "description": text,
        },
        custom={"url": link},
    )
    yield cdevent(
        "incident.detected",
        id=f"{own_id}-of-nobody",
        source=source,
        subject=f"{own_id}-stray",
        time=when(30),
        content={"environment": {"id": environment}, "service": {"id": f"{own}?"}},
        custom={"url": link},
    )
