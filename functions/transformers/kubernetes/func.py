"""Turn a Deployment's finished rollout, or its end, into the CDEvent of a service.

docs/events.md has the rules as a table; what a field means is in
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.errors import PermanentError
from dora.function import on_event
from dora.tools.artifacts import artifact_id, image_purl
from dora.tools.marks import is_ignored, is_unplanned, mark, team
from dora.tools.payloads import fields, get, text, text_or_none, time, time_or_none

DELETE = "dev.knative.apiserver.resource.delete"
REVISION = "deployment.kubernetes.io/revision"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
NUMBER = re.compile(r"\d{1,15}", re.ASCII)
KNATIVE_SERVICE = "serving.knative.dev/service"
KNATIVE_SERVICE_UID = "serving.knative.dev/serviceUID"
KNATIVE_GENERATION = "serving.knative.dev/configurationGeneration"


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit one CDEvent per revision, at each of the many events that tell of it."""
    event = context.cloud_event
    deployment = event.data
    if not get(deployment, "metadata", "uid") or not fields(deployment, "spec", "template"):
        raise PermanentError("expected data to be a Deployment with metadata.uid and spec.template")
    if is_left_out(deployment):
        return None
    if event["type"] == DELETE:
        return removed(event)
    return rolled_out(event) if is_done(deployment) else None


def label(deployment: Any, name: str) -> str | None:
    """Give the value of a label, or None."""
    return text_or_none(deployment, "metadata", "labels", name)


def is_left_out(deployment: Any) -> bool:
    """Tell whether its owner opted out, or a controller's own business is what it is."""
    if is_ignored(deployment):
        return True
    owners = get(deployment, "metadata", "ownerReferences")
    owned = isinstance(owners, list) and any(get(owner, "controller") is True for owner in owners)
    return owned and not label(deployment, KNATIVE_SERVICE)


def is_done(deployment: Any) -> bool:
    """Tell whether the newest revision serves, all of it, and nothing else does."""
    status, wanted = get(deployment, "status"), get(deployment, "spec", "replicas")
    observed, generation = (
        get(status, "observedGeneration"),
        get(deployment, "metadata", "generation"),
    )
    return (
        isinstance(wanted, int)
        and wanted > 0
        and isinstance(observed, int)
        and isinstance(generation, int)
        and observed >= generation
        and all(
            get(status, count) == wanted
            for count in ("replicas", "updatedReplicas", "availableReplicas")
        )
        and progress(deployment) is not None
    )


def progress(deployment: Any) -> Any:
    """Give the condition that says the rollout is done, or None."""
    conditions = get(deployment, "status", "conditions")
    for condition in conditions if isinstance(conditions, list) else []:
        if (get(condition, "type"), get(condition, "status"), get(condition, "reason")) == (
            "Progressing",
            "True",
            "NewReplicaSetAvailable",
        ):
            return condition
    return None


def rolled_out(event: CloudEvent) -> CloudEvent:
    """Make the CDEvent of a revision that is done: the first is deployed, later ones upgraded."""
    deployment = event.data
    uid, revision = identity(deployment)
    images = [image_purl(image) for image in image_references(deployment)]
    artifact = mark(deployment, "artifact")
    return cdevents.build(
        "service.deployed" if revision == 1 else "service.upgraded",
        identity=(uid, str(revision)),
        source=event["source"],
        time=time(progress(deployment), "lastUpdateTime"),
        subject_id=service(deployment),
        content={
            "environment": environment(deployment),
            "artifactId": artifact_id(artifact) if artifact else images[0],
        },
        dora={
            "commit": mark(deployment, "commit"),
            "repository": mark(deployment, "repository"),
            "team": team(deployment),
            "images": images,
            "templateFingerprint": fingerprint(deployment["spec"]["template"]),
            "uid": uid,
            "revision": revision,
            "unplanned": is_unplanned(mark(deployment, "unplanned")),
        },
    )


def removed(event: CloudEvent) -> CloudEvent | None:
    """Make the CDEvent of a service's end; an old revision of a Knative Service is not its end."""
    deployment = event.data
    if label(deployment, KNATIVE_SERVICE):
        return None
    return cdevents.build(
        "service.removed",
        identity=(text(deployment, "metadata", "uid"), "removed"),
        source=event["source"],
        time=time_or_none(deployment, "metadata", "deletionTimestamp")
        or time(event.get_attributes(), "time"),
        subject_id=service(deployment),
        content={"environment": environment(deployment)},
    )


def identity(deployment: Any) -> tuple[str, int]:
    """Give what its revisions are counted within, and the number of this one."""
    if label(deployment, KNATIVE_SERVICE):
        uid, revision = (
            label(deployment, KNATIVE_SERVICE_UID),
            label(deployment, KNATIVE_GENERATION),
        )
    else:
        uid, revision = (
            text_or_none(deployment, "metadata", "uid"),
            get(deployment, "metadata", "annotations", REVISION),
        )
    if not isinstance(uid, str) or not NUMBER.fullmatch(str(revision)):
        raise PermanentError(f"expected a uid and a number as revision, got {revision!r:.80}")
    return uid, int(str(revision))


def service(deployment: Any) -> str:
    """Return the service that it says it is, else its name."""
    return (
        mark(deployment, "service")
        or label(deployment, KNATIVE_SERVICE)
        or text(deployment, "metadata", "name")
    )


def environment(deployment: Any) -> dict[str, str]:
    """Return the environment that it says, else its namespace."""
    return {"id": mark(deployment, "environment") or text(deployment, "metadata", "namespace")}


def image_references(deployment: Any) -> list[str]:
    """Give the containers' images in their order."""
    containers = get(deployment, "spec", "template", "spec", "containers")
    if not isinstance(containers, list) or not containers:
        raise PermanentError("expected a Deployment with at least one container, got none")
    return [text(container, "image") for container in containers]


def fingerprint(template: Any) -> str:
    """Give a digest of the pod template that a restart does not change."""
    annotations = fields(template, "metadata", "annotations")
    lasting = {name: value for name, value in annotations.items() if name != RESTARTED_AT}
    # Kubernetes leaves out an empty map, so a template without annotations has to as well.
    metadata = {**fields(template, "metadata"), "annotations": lasting or None}
    same = json.dumps({**template, "metadata": metadata}, sort_keys=True)
    return hashlib.sha256(same.encode()).hexdigest()
