"""Turn what Flux's controllers report of Kustomizations and HelmReleases into deployments.

https://fluxcd.io/flux/components/notification/events/ has the fields of an event.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.settings import matches, settings
from dora.tools import services
from dora.tools.artifacts import artifact_id, image_purl, package_purl
from dora.tools.marks import is_unplanned
from dora.tools.payloads import fields, repository_url, text, time, word
from dora.tools.shapes import require_known

# (kind, reason) → what it means. All else, failures above all, means that nothing was deployed.
MEANINGS = {
    ("Kustomization", "Progressing"): "applied",
    ("Kustomization", "ReconciliationSucceeded"): "deployed",
    ("HelmRelease", "InstallSucceeded"): "deployed",
    ("HelmRelease", "UpgradeSucceeded"): "upgraded",
    ("HelmRelease", "RollbackSucceeded"): "rolledback",
}
# "Helm upgrade succeeded for release shop/shop.v2 with chart shop@1.4.0"
HELM = re.compile(r".* release \S+\.v(?P<number>\d+) with chart (?P<chart>\S+)@(?P<version>\S+)")
# "Deployment/production/shop configured"
CHANGED = re.compile(r"^\S+/\S+ (created|configured)$", re.MULTILINE)
DIGEST = re.compile(r"sha\d+:[0-9a-f]+$")


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit a deployment where a revision serves; before that, that a revision changed something."""
    event, told = context.cloud_event, context.cloud_event.data
    require_known("flux", told)
    involved = fields(told, "involvedObject")
    predicate = MEANINGS.get((word(involved, "kind") or "", word(told, "reason") or ""))
    revision = metadata(told, "revision")
    if (
        not predicate
        or not revision
        or is_infrastructure(told)
        or metadata(told, "ignore") == "true"
    ):
        return None
    if predicate == "applied":
        return applied(event["source"], told, revision)
    return deployed(event["source"], told, predicate, revision)


def applied(source: str, told: Any, revision: str) -> CloudEvent | None:
    """Make the CDEvent of what a Kustomization applied, where this changed something of it."""
    if metadata(told, "image") or not CHANGED.search(word(told, "message") or ""):
        return None
    return cdevents.build(
        "artifact.published",
        identity=(text(told, "involvedObject", "uid"), revision),
        source=source,
        time=time(told, "timestamp"),
        subject_id=of_kustomization(told, digest(revision)),
        content={},
    )


def deployed(source: str, told: Any, predicate: str, revision: str) -> CloudEvent:
    """Make the CDEvent of a revision that serves."""
    artifact, where = artifact_of(told), environment(told)
    return cdevents.build(
        f"service.{predicate}",
        identity=(
            text(told, "involvedObject", "uid"),
            predicate,
            revision,
            rollout(told, predicate),
        ),
        source=source,
        time=time(told, "timestamp"),
        subject_id=metadata(told, "service") or text(told, "involvedObject", "name"),
        content=where.content | {"artifactId": artifact},
        dora=where.dora
        | {
            "commit": metadata(told, "commit"),
            "repository": repository_url(metadata(told, "repository")),
            "images": [artifact] if metadata(told, "image") else None,
            "team": metadata(told, "team"),
            "tier": metadata(told, "tier"),
            "uid": text(told, "involvedObject", "uid"),
            "unplanned": is_unplanned(metadata(told, "unplanned")),
        },
    )


def is_infrastructure(told: Any) -> bool:
    """Return whether the object's name is one of infrastructure, and it names no service."""
    patterns = settings("FLUX_INFRASTRUCTURE", "flux-system, infra*, *-infra")
    return matches(word(told, "involvedObject", "name"), patterns) and not metadata(told, "service")


def metadata(told: Any, name: str) -> str | None:
    """Return a part of the metadata; some versions write its name behind that of an API group."""
    entries = fields(told, "metadata")
    keys = [key for key in entries if key.rpartition("/")[2] == name]
    return word(entries, min(keys, key=len)) if keys else None


def rollout(told: Any, predicate: str) -> str:
    """Distinguish this rollout of a revision from others: Helm counts them, Kustomizations do not."""
    helm = HELM.match(word(told, "message") or "")
    if word(told, "involvedObject", "kind") == "Kustomization":
        return ""
    return helm["number"] if helm and predicate != "rolledback" else time(told, "timestamp")


def artifact_of(told: Any) -> str:
    """Return the image that the object's annotation names, else its chart or what it last applied."""
    image = metadata(told, "image") or metadata(told, "artifact")
    if image:
        return artifact_id(image)
    helm = HELM.match(word(told, "message") or "")
    if helm:
        return package_purl("helm", None, helm["chart"], helm["version"])
    return of_kustomization(told)


def of_kustomization(told: Any, digest: str = "") -> str:
    """Return what an object applies: its tag means the digest of the revision that last changed it."""
    namespace, name = (text(told, "involvedObject", part) for part in ("namespace", "name"))
    return image_purl(f"flux.local/{namespace}/{name}:applied{'@' if digest else ''}{digest}")


def digest(revision: str) -> str:
    """Return the digest in a revision such as `main@sha1:d4d4`, else one of it."""
    found = DIGEST.search(revision)
    return (
        found[0]
        if found
        else f"sha256:{hashlib.sha256(revision.encode(errors='replace')).hexdigest()}"
    )


def environment(told: Any) -> services.Where:
    """Return the environment that is reported, else the namespace of the object."""
    return services.environment(
        metadata(told, "environment"), word(told, "involvedObject", "namespace")
    )
