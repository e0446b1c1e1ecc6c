"""Turn a workload's finished rollout, or its end, into the CDEvent of a service.

docs/events.md has the rules as a table, lib/dora/tools/workloads.py which workloads there are.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.errors import PermanentError
from dora.function import on_event
from dora.tools.artifacts import artifact_id, image_purl
from dora.tools.containers import images, main_image
from dora.tools.marks import is_ignored, is_unplanned, mark, team
from dora.tools.payloads import fields, get, text, text_or_none, time, time_or_none
from dora.tools.workloads import (
    KNATIVE_SERVICE,
    Rollout,
    fingerprint,
    is_of_another_objects_template,
    is_others_business,
    label,
    name,
    rollout,
    source,
    started_at,
)

DELETE = "dev.knative.apiserver.resource.delete"
# What a source says of all that it reports, by ceOverrides.
ENVIRONMENT, CLUSTER = "doraenvironment", "doracluster"


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit one CDEvent per revision, at each of the many events that report it."""
    event = context.cloud_event
    workload = event.data
    if is_of_another_objects_template(workload):
        return None
    if not get(workload, "metadata", "uid") or not fields(workload, "spec", "template"):
        raise PermanentError("expected data to be a workload with metadata.uid and spec.template")
    if is_ignored(workload) or is_others_business(workload):
        return None
    if event["type"] == DELETE:
        return removed(event)
    done = rollout(workload, seen_at(event))
    return rolled_out(event, done) if done else None


def rolled_out(event: CloudEvent, done: Rollout) -> CloudEvent:
    """Make the CDEvent of a revision that is done: the first is deployed, later ones upgraded."""
    workload, template = event.data, event.data["spec"]["template"]
    artifact = mark(workload, "artifact")
    return cdevents.build(
        "service.deployed" if done.revision == 1 else "service.upgraded",
        identity=(done.uid, str(done.revision)),
        source=origin(event),
        time=done.done_at,
        subject_id=service(workload),
        content={
            "environment": environment(event),
            "artifactId": artifact_id(artifact or main_image(template, service(workload))),
        },
        dora={
            "commit": mark(workload, "commit"),
            "repository": mark(workload, "repository"),
            "team": team(workload),
            "tier": mark(workload, "tier"),
            "images": [image_purl(image) for image in images(template)],
            "templateFingerprint": fingerprint(template),
            "uid": done.uid,
            "revision": done.revision,
            "startedAt": started_at(workload, done.done_at),
            "unplanned": is_unplanned(mark(workload, "unplanned")),
        },
    )


def removed(event: CloudEvent) -> CloudEvent | None:
    """Make the CDEvent of a service's end; an old revision of a Knative Service is not its end."""
    workload = event.data
    if label(workload, KNATIVE_SERVICE):
        return None
    deleted_at = time_or_none(workload, "metadata", "deletionTimestamp")
    return cdevents.build(
        "service.removed",
        identity=(text(workload, "metadata", "uid"), "removed"),
        source=origin(event),
        time=deleted_at or time(event.get_attributes(), "time"),
        subject_id=service(workload),
        content={"environment": environment(event)},
        dora={"uid": text(workload, "metadata", "uid")},
    )


def seen_at(event: CloudEvent) -> str | None:
    """Return when the source saw it."""
    return time_or_none(event.get_attributes(), "time")


def origin(event: CloudEvent) -> str:
    """Return where it was made: the source, with the cluster where it says one."""
    return source(event["source"], text_or_none(event.get_attributes(), CLUSTER))


def service(workload: Any) -> str:
    """Return the service that it says it is, else its name."""
    return mark(workload, "service") or name(workload)


def environment(event: CloudEvent) -> dict[str, str]:
    """Return the environment that the workload says, else its source, else its namespace."""
    said = mark(event.data, "environment") or text_or_none(event.get_attributes(), ENVIRONMENT)
    return {"id": said or text(event.data, "metadata", "namespace")}
