"""What clusters report of rollouts: the recorded ones, slower and later, and others made after them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from local.demo.github import image_name
from local.demo.report import Report, rfc3339
from local.demo.services import RECORDED
from local.demo.working_hours import END, earlier
from local.events import recorded_events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from local.demo.releases import Release

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
RECORDED_UNTIL = datetime(2026, 11, 23, 20, 8, 57, tzinfo=UTC)
# A second of what was recorded is so long here: its minute is two weeks, for no team hurries so.
WORKING_HOURS = 1.5
# The recorded event in which the first rollout of a Deployment is done.
DONE = 4
# How long after each other clusters follow.
PACE = timedelta(minutes=25)
TEAM = "demo-platform"


def rollouts(release: Release) -> Iterator[Report]:
    """Return the reports of a release from each cluster that it is rolled out in, one after the other."""
    for place, cluster in enumerate(release.service.clusters):
        done = release.deployed + place * PACE
        event = _done(release, cluster, done)
        yield Report(done, "kubernetes", event["type"], event["id"], event)


def recorded(day: date) -> Iterator[Report]:
    """Return the recorded events as if they had happened to the demo's own services, up to that day."""
    end = datetime.combine(day, END)
    for line in recorded_events():
        event = json.loads(_renamed(MOMENT.sub(lambda moment: _slower(moment[0], end), line)))
        event |= {"source": "https://kubernetes.demo.example", "doraenvironment": "production"}
        event["data"]["metadata"].setdefault("labels", {})["app.kubernetes.io/part-of"] = TEAM
        when = datetime.fromisoformat(event["time"])
        yield Report(when, "kubernetes", event["type"], event["id"], event)


def _renamed(line: str) -> str:
    for name, other in RECORDED.items():
        line = re.sub(rf'(?<=["/]){name}(?=["/:@-])', other, line)
    return line.replace("ghcr.io/acme", "containers.demo.example/acme").replace(
        "https://github.com/acme", "https://github.demo.example/acme"
    )


def _slower(moment: str, end: datetime) -> str:
    """Return when a recorded moment is, where the last one is at the end."""
    seconds = (RECORDED_UNTIL - datetime.fromisoformat(f"{moment}+00:00")).total_seconds()
    return f"{earlier(end, seconds * WORKING_HOURS):%Y-%m-%dT%H:%M:%S}"


def _done(release: Release, cluster: str, done: datetime) -> dict[str, Any]:
    """Return the event in which a rollout is done."""
    event: dict[str, Any] = json.loads(_done_event())
    name, source = release.service.name, f"https://{cluster}.kubernetes.demo.example"
    workload, metadata = event["data"], event["data"]["metadata"]
    event |= {
        "id": str(uuid5(NAMESPACE_URL, f"{source}/{release.name}")),
        "source": source,
        "name": name,
        "subject": f"/apis/apps/v1/namespaces/default/deployments/{name}",
        "time": rfc3339(done),
        "doraenvironment": "production",
    }
    metadata |= {
        "name": name,
        "uid": str(uuid5(NAMESPACE_URL, f"{source}/{name}")),
        "annotations": {"deployment.kubernetes.io/revision": str(release.number)},
        "labels": {"app": name, "app.kubernetes.io/part-of": release.service.team},
    }
    for field in metadata["managedFields"]:
        field["time"] = rfc3339(done - timedelta(minutes=2))
    template = workload["spec"]["template"]
    template["metadata"]["labels"] = {"app": name}
    template["spec"]["containers"][0] |= {"name": name, "image": _image(release)}
    for condition in workload["status"]["conditions"]:
        condition |= {"lastUpdateTime": rfc3339(done), "lastTransitionTime": rfc3339(done)}
    return event


@cache
def _done_event() -> str:
    return recorded_events()[DONE]


def _image(release: Release) -> str:
    """Return the image of a release; of what others made nobody says the commit."""
    if release.service.repository:
        return image_name(release.service, release.head)
    return f"containers.demo.example/library/{release.service.name}:1.{int(release.head[:3], 16)}"
