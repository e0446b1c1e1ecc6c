"""Turn what Argo CD notifies of Applications into deployments and incidents.

sources/argocd/notifications.yaml has the triggers and the template that make a CloudEvent of an Application;
https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml tells what it holds.
"""

from __future__ import annotations

import json
import re
from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.tools import services
from dora.tools.artifacts import artifact_id, image_purl
from dora.tools.marks import is_ignored, is_unplanned, mark, team
from dora.tools.payloads import (
    fields,
    get,
    listed,
    number,
    repository_url,
    text,
    time,
    word,
)

# Where Argo CD keeps what it has notified of, by our trigger's `oncePer`: when it got degraded.
NOTIFIED = "notified.notifications.argoproj.io"
DEGRADATION = re.compile(r"(.+):on-dora-degraded:.*")
WHEN = ("id", "deployedAt", "deployStartedAt", "initiatedBy")


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit what the trigger says has happened to the Application."""
    event = context.cloud_event
    make, app = HAPPENINGS.get(word(event.data, "what") or ""), fields(event.data, "app")
    return make(event["source"], app) if make and not is_ignored(app) else None


def deployed(source: str, app: dict[str, Any]) -> CloudEvent | None:
    """Make the CDEvent of a sync that succeeded; an Application without images is no service."""
    images = images_of(app)
    if get(app, "status", "operationState", "phase") != "Succeeded" or not images:
        return None
    where = environment(app)
    return cdevents.build(
        "service.deployed",
        identity=(uid(app), *rollout(app)),
        source=source,
        time=time(app, "status", "operationState", "finishedAt"),
        subject_id=service(app),
        content=where.content | {"artifactId": main_artifact(app, images)},
        dora=where.dora
        | {
            "commit": mark(app, "commit"),
            "repository": repository_url(mark(app, "repository")),
            "team": team(app),
            "images": images,
            "unplanned": is_unplanned(mark(app, "unplanned")),
        },
    )


def degraded(source: str, app: dict[str, Any]) -> CloudEvent | None:
    """Make the CDEvent of an Application that got degraded."""
    if get(app, "status", "health", "status") != "Degraded":
        return None
    since = time(app, "status", "health", "lastTransitionTime")
    return incident("detected", source, app, since, since)


def recovered(source: str, app: dict[str, Any]) -> CloudEvent | None:
    """Make the CDEvent of an Application that is healthy again, if it was degraded before."""
    start = degradation(app)
    if get(app, "status", "health", "status") != "Healthy" or not start:
        return None
    since = time(app, "status", "health", "lastTransitionTime")
    return incident("resolved", source, app, start, since)


HAPPENINGS = {"deployed": deployed, "degraded": degraded, "recovered": recovered}


def incident(
    predicate: str, source: str, app: dict[str, Any], start: str, moment: str
) -> CloudEvent:
    """Make the CDEvent of the incident that began when the Application got degraded."""
    where = environment(app)
    return cdevents.build(
        f"incident.{predicate}",
        identity=(uid(app), start, predicate),
        source=source,
        time=moment,
        subject_id=f"{uid(app)}/{start}",
        content=where.content
        | {
            "service": {"id": service(app)},
            "description": f"{service(app)} is {word(app, 'status', 'health', 'status')}",
        },
        dora=where.dora,
    )


def degradation(app: dict[str, Any]) -> str | None:
    """Give when the Application last got degraded, as far as Argo CD notified of it."""
    try:
        notified = json.loads(word(app, "metadata", "annotations", NOTIFIED) or "{}")
    except (ValueError, RecursionError):
        return None
    told = [DEGRADATION.fullmatch(key) for key in fields({"all": notified}, "all")]
    return max((found[1] for found in told if found), default=None)


def rollout(app: dict[str, Any]) -> tuple[str, ...]:
    """Tell this rollout from others: the revisions, and since when nothing else was synced.

    A sync of the same again is the same rollout; one that returns to an earlier revision is not.
    """
    history = listed(app, "status", "history")
    wanted = revisions(fields(app, "status", "operationState", "syncResult"))
    if not history or revisions(history[-1]) != wanted:
        return wanted
    start = len(history) - 1
    while start and what(history[start - 1]) == what(history[-1]):
        start -= 1
    return (*wanted, *([number(history[start], "id")] if start else []))


def revisions(synced: Any) -> tuple[str, ...]:
    """Give the revision of each source that was synced."""
    several = listed(synced, "revisions") or [get(synced, "revision")]
    return tuple(str(revision) for revision in several if revision)


def what(entry: Any) -> dict[str, Any]:
    """Give what was synced, without when and by whom."""
    return {name: value for name, value in fields({"": entry}, "").items() if name not in WHEN}


def images_of(app: dict[str, Any]) -> list[str]:
    """Give the images that the sync applied, where Argo CD tells them, and those that it saw running.

    The latter may be late, or of pods that are about to end.
    """
    results = listed(app, "status", "operationState", "syncResult", "resources")
    synced = [result for result in results if get(result, "status") == "Synced"]
    applied = [image for result in synced for image in listed(result, "images")]
    running = listed(app, "status", "summary", "images")
    return [image_purl(image) for image in dict.fromkeys(map(str, [*applied, *running]))]


def main_artifact(app: dict[str, Any], images: list[str]) -> str:
    """Give what it says is its artifact, else the image of its name, else the first one."""
    told = mark(app, "artifact")
    names = [f"pkg:oci/{service(app)}{end}" for end in "@?"]
    own = [image for image in images if image.startswith(tuple(names))]
    return artifact_id(told) if told else (own or images)[0]


def uid(app: dict[str, Any]) -> str:
    """Give what tells the Application from one of its name that came before."""
    return text(app, "metadata", "uid")


def service(app: dict[str, Any]) -> str:
    """Give the service that the Application is."""
    return mark(app, "service") or text(app, "metadata", "name")


def environment(app: dict[str, Any]) -> services.Where:
    """Return the environment that it says, else the namespace that it is deployed to."""
    told = mark(app, "environment"), word(app, "spec", "destination", "namespace")
    return services.environment(*told)
