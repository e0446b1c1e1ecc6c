"""What became of an event that was reported, as the metrics endpoint at DORA_URL lists it."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dora.commands.ask import ask
from dora.commands.command import tell
from dora.commands.lists import minute, what_is_said
from dora.questions.question import TIERS
from dora.times import rfc3339

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

    from dora.commands.command import Stop

WAIT_SECONDS, POLL_SECONDS = 30.0, 0.5
Row = dict[str, Any]


def outcome(kind: str, event: CloudEvent, seconds: float, stop: Stop) -> str:
    """Return what became of an event, in a sentence; wait for that, but no longer than so many seconds."""
    if kind == "change":
        return "accepted; it is listed among the changes once a deployment ships it"
    if not os.environ.get("DORA_URL"):
        return (
            "accepted; where DORA_URL names the metrics endpoint, what becomes of it is said here"
        )
    row = _awaited(kind, event, seconds, stop)
    if row:
        return _deployed(row) if kind == "deployment" else _detected(row)
    same = _same_version(event) if kind == "deployment" else None
    if same:
        return (
            f"no deployment of its own: {same['service']} runs this version in"
            f" {same['environment']} since {minute(same['deployed_at'])} ({same['id']})"
        )
    return f"accepted, and not listed after {seconds:g} s; `dora quality` shows what was refused"


def _awaited(kind: str, event: CloudEvent, seconds: float, stop: Stop) -> Row | None:
    deadline, is_first = time.monotonic() + seconds, True
    while True:
        rows = [row for row in _rows(kind, event) if _is_it(kind, row, event)]
        if rows or stop.told or time.monotonic() >= deadline:
            return rows[0] if rows else None
        if is_first:
            tell(f"waiting for it to be listed, {seconds:g} s at most")
        is_first = False
        stop.wait(POLL_SECONDS)


def _is_it(kind: str, row: Row, event: CloudEvent) -> bool:
    name = event["id"] if kind == "deployment" else event["subject"]
    is_due = ".resolved." not in event["type"] or row["resolved_at"]
    return bool(row["id"] == name and row["source"] == event["source"] and is_due)


def _rows(kind: str, event: CloudEvent) -> list[Row]:
    """Return what is listed of that time, of every tier."""
    named = {"deployment": event["id"]} if kind == "deployment" else {"limit": 1000}
    rows: list[Row] = ask(f"/{kind}s", f"{kind}s", _around(event) | named)[f"{kind}s"]
    return rows


def _around(event: CloudEvent) -> dict[str, Any]:
    moment = datetime.fromisoformat(event["time"])
    day = timedelta(days=1)
    return {"from": rfc3339(moment - day), "to": rfc3339(moment + day), "tier": TIERS}


def _same_version(event: CloudEvent) -> Row | None:
    """Return the latest deployment of the service and environment, if it is of the same artifact."""
    content = event.data["subject"]["content"]
    question = {
        "service": event["subject"],
        "environment": content["environment"]["id"],
        "from": "P10Y",
        "limit": 1,
    }
    latest: list[Row] = ask("/deployments", "deployments", question)["deployments"]
    return next((row for row in latest if row["artifact"] == content["artifactId"]), None)


def _deployed(row: Row) -> str:
    said = what_is_said(row)
    return (
        f"a deployment of {row['service']} in {row['environment']}{said and f' ({said})'};"
        f" `dora changes --deployment {row['id']}` lists what it ships"
    )


def _detected(row: Row) -> str:
    ended = f"resolved {minute(row['resolved_at'])}" if row["resolved_at"] else "open"
    belongs = f"deployment {row['deployment']}" if row["deployment"] else "no deployment"
    return f"an incident, {ended}, that belongs to {belongs}: {row['why']}"
