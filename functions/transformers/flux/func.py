"""Turn what Flux's controllers tell of Kustomizations and HelmReleases into deployments.

https://fluxcd.io/flux/components/notification/events/ has the fields of an event.
"""

from __future__ import annotations

import re
from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.tools import services
from dora.tools.artifacts import artifact_id, package_purl
from dora.tools.marks import is_unplanned
from dora.tools.payloads import fields, repository_url, text, time, word

# (kind, reason) → what it means. All else, failures above all, means that nothing was deployed.
MEANINGS = {
    ("Kustomization", "ReconciliationSucceeded"): "deployed",
    ("HelmRelease", "InstallSucceeded"): "deployed",
    ("HelmRelease", "UpgradeSucceeded"): "upgraded",
    ("HelmRelease", "RollbackSucceeded"): "rolledback",
}
# "Helm upgrade succeeded for release shop/shop.v2 with chart shop@1.4.0"
HELM = re.compile(r".* release \S+\.v(?P<number>\d+) with chart (?P<chart>\S+)@(?P<version>\S+)")


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit a deployment where a new revision serves."""
    event, told = context.cloud_event, context.cloud_event.data
    involved = fields(told, "involvedObject")
    predicate = MEANINGS.get((word(involved, "kind") or "", word(told, "reason") or ""))
    revision = metadata(told, "revision")
    if not predicate or not revision:
        return None
    artifact, where = artifact_of(told, revision), environment(told)
    return cdevents.build(
        f"service.{predicate}",
        identity=(text(involved, "uid"), predicate, revision, rollout(told, predicate)),
        source=event["source"],
        time=time(told, "timestamp"),
        subject_id=metadata(told, "service") or text(involved, "name"),
        content=where.content | {"artifactId": artifact},
        dora=where.dora
        | {
            "commit": metadata(told, "commit"),
            "repository": repository_url(metadata(told, "repository")),
            "images": [artifact] if metadata(told, "image") else None,
            "team": metadata(told, "team"),
            "unplanned": is_unplanned(metadata(told, "unplanned")),
        },
    )


def metadata(told: Any, name: str) -> str | None:
    """Give a part of the metadata; some versions write its name behind that of an API group."""
    entries = fields(told, "metadata")
    keys = [key for key in entries if key.rpartition("/")[2] == name]
    return word(entries, min(keys, key=len)) if keys else None


def rollout(told: Any, predicate: str) -> str:
    """Tell this rollout of a revision from others: Helm counts them, Kustomizations do not."""
    helm = HELM.match(word(told, "message") or "")
    if word(told, "involvedObject", "kind") == "Kustomization":
        return ""
    return helm["number"] if helm and predicate != "rolledback" else time(told, "timestamp")


def artifact_of(told: Any, revision: str) -> str:
    """Give the image that the object's annotation names, else its chart or revision."""
    image = metadata(told, "image")
    if image:
        return artifact_id(image)
    namespace, name = (text(told, "involvedObject", part) for part in ("namespace", "name"))
    helm = HELM.match(word(told, "message") or "")
    if helm:
        return package_purl("helm", None, helm["chart"], helm["version"])
    return package_purl("generic", namespace, name, revision)


def environment(told: Any) -> services.Where:
    """Return the environment that is told, else the namespace of the object."""
    return services.environment(
        metadata(told, "environment"), word(told, "involvedObject", "namespace")
    )
