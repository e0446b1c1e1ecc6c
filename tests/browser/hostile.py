"""Events of somebody who wants a page to do what it should not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.events import cdevent

SCRIPT = "<script>alert('dora')</script>"
NAMES = [
    SCRIPT,
    "\"><img src=x onerror=alert('dora')>",
    "'-alert('dora')-'",
    "{{ 7 * 7 }}{% raw %}",
    "\u202egnp.exe\u202d\u2066",
    '=HYPERLINK("https://evil.example")',
    "\u200b",
    "&lt;b&gt;&amp;",
    "x" * 10_000,
    "\u0627\u0644\u062e\u062f\u0645\u0629",
]
LINKS = [
    "javascript:alert('dora')",
    "JaVaScRiPt:alert('dora')",
    "data:text/html,<script>alert('dora')</script>",
    "https://evil.example/\"onmouseover=\"alert('dora')",
    "//evil.example/x",
    "vbscript:x",
]


def events() -> Iterator[dict[str, Any]]:
    """Return CDEvents in which every text that a page shows is hostile."""
    begin = datetime.now(UTC) - timedelta(days=20)
    for place, name in enumerate(NAMES):
        link = LINKS[place % len(LINKS)]
        yield from _of(place, name, link, begin + timedelta(days=place))


def _of(place: int, name: str, link: str, at: datetime) -> Iterator[dict[str, Any]]:
    def when(minutes: int) -> str:
        return f"{at + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"

    sha = f"{place:040x}"
    short = name[:1000]  # an index takes no longer names
    yield cdevent(
        "change.merged",
        id=f"{short}-merged",
        source="/" + "x",
        subject=sha,
        time=when(0),
        content={"repository": {"id": link}},
        custom={"branch": "main", "commits": [{"sha": sha, "committedAt": when(-60)}]},
    )
    yield cdevent(
        "service.deployed",
        id=f"{short}-deployed",
        subject=short,
        time=when(10),
        content={"environment": {"id": "production"}, "artifactId": f"pkg:oci/{place}?tag={place}"},
        custom={"commit": sha, "repository": link, "team": short},
    )
    yield cdevent(
        "incident.detected",
        id=f"{short}-detected",
        subject=f"{short}-incident",
        time=when(20),
        content={
            "environment": {"id": "production"},
            "service": {"id": short},
            "description": name,
        },
        custom={"url": link},
    )
