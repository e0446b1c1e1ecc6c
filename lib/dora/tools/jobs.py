"""Jobs and builds of Jenkins, as the Notification and the CloudEvents plugin report them."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from dora.tools.payloads import number_or_none, time_or_none, word

NAMES = ("display_name", "displayName", "name")


def job_name(report: Any) -> str | None:
    """Return the name of a job; of one in folders, or of a branch, with what it is in: `shop/main`."""
    parts = (word(report, "url") or "").strip("/").split("/")
    # A branch `feature/x` is `feature%252Fx` there.
    path = [
        unquote(unquote(name))
        for job, name in zip(parts[::2], parts[1::2], strict=False)
        if job == "job"
    ]
    if len(path) > 1:
        return "/".join(path)
    return next(filter(None, (word(report, name) for name in NAMES)), None)


def started_at(build: Any) -> str | None:
    """Return when a build that is done began: its duration, in milliseconds, before its time."""
    ended, duration = (number_or_none(build, name) for name in ("timestamp", "duration"))
    return time_or_none({"": ended - duration}, "") if ended and duration else None
