"""Turn what Argo CD notifies of Applications into deployments and incidents.

sources/argocd/notifications.yaml has the triggers and the template that make a CloudEvent of an Application;
https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml says what it holds.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.tools import services
from dora.tools.applications import (
    degradation,
    images_of,
    is_settled,
    reported_at,
    rollout,
    uid,
)
from dora.tools.artifacts import artifact_id, purl_name
from dora.tools.containers import is_sidecar
from dora.tools.marks import is_ignored, is_unplanned, mark, team
from dora.tools.payloads import fields, get, repository_url, text, time, time_or_none, word
from dora.tools.shapes import require_known


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit what the trigger says has happened to the Application."""
    event = context.cloud_event
    require_known("argocd", event.data)
    make, app = HAPPENINGS.get(word(event.data, "what") or ""), fields(event.data, "app")
    return make(event["source"], app) if make and not is_ignored(app) else None


def deployed(source: str, app: dict[str, Any]) -> CloudEvent | None:
    """Make the CDEvent of a sync that succeeded; an Application without images is no service."""
    images, synced = images_of(app), get(app, "status", "operationState", "phase") == "Succeeded"
    if not synced or not images or not is_settled(app):
        return None
    where, artifact = environment(app), main_artifact(app, images)
    return cdevents.build(
        "service.deployed",
        # A report that is too early names the image that ran before, which changes nothing.
        identity=(uid(app), *rollout(app), artifact),
        source=source,
        time=time(app, "status", "operationState", "finishedAt"),
        subject_id=service(app),
        content=where.content | {"artifactId": artifact},
        dora=where.dora
        | {
            "commit": mark(app, "commit"),
            "repository": repository_url(mark(app, "repository")),
            "team": team(app),
            "tier": mark(app, "tier"),
            "images": images,
            "uid": uid(app),
            "revision": reported_at(app),
            "startedAt": time_or_none(app, "status", "operationState", "startedAt"),
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


def main_artifact(app: dict[str, Any], images: list[str]) -> str:
    """Return what it says is its artifact, else the image of its name, else the first of no sidecar."""
    said = mark(app, "artifact")
    own = [image for image in images if purl_name(image) == service(app)]
    plain = [image for image in images if not is_sidecar(purl_name(image))]
    return artifact_id(said) if said else (own or plain or images)[0]


def service(app: dict[str, Any]) -> str:
    """Return the service that the Application is."""
    return mark(app, "service") or text(app, "metadata", "name")


def environment(app: dict[str, Any]) -> services.Where:
    """Return the environment that it says, else the namespace that it is deployed to."""
    told = mark(app, "environment"), word(app, "spec", "destination", "namespace")
    return services.environment(*told)
