"""Workloads of Kubernetes: which revision of one is rolled out, since when, by its kind's status.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/ has the fields of Deployments,
StatefulSets and DaemonSets, https://argo-rollouts.readthedocs.io/en/stable/features/specification/
those of Rollouts. Flagger keeps a copy of a canary's target, which is what serves:
https://docs.flagger.app/usage/how-it-works.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from dora.errors import PermanentError
from dora.tools.payloads import fields, get, listed, text, text_or_none, time, time_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = re.compile(r"\d{1,15}", re.ASCII)
REVISION = "deployment.kubernetes.io/revision"
ROLLOUT_REVISION = "rollout.argoproj.io/revision"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
KNATIVE_SERVICE = "serving.knative.dev/service"
KNATIVE_SERVICE_UID = "serving.knative.dev/serviceUID"
KNATIVE_GENERATION = "serving.knative.dev/configurationGeneration"
FLAGGER, PRIMARY = "flagger", "-primary"


class Rollout(NamedTuple):
    """A revision that serves, all of it, and nothing else does.

    Attributes:
        uid: what revisions are counted within.
        revision: its number.
        done_at: since when.
    """

    uid: str
    revision: int
    done_at: str


def rollout(workload: Any, seen_at: str | None) -> Rollout | None:
    """Return the newest revision of a workload where it is rolled out, else None.

    Args:
        workload: the object.
        seen_at: when it was seen, for a kind that says not itself when it was done.

    Raises:
        PermanentError: it is of no kind that is known, or says no revision.
    """
    kind = text_or_none(workload, "kind") or ""
    if kind not in KINDS:
        kinds = ", ".join(KINDS)
        raise PermanentError(
            f"expected kind to be one of {kinds}, got {get(workload, 'kind')!r:.80}"
        )
    done = KINDS[kind]
    return done(workload, seen_at) if _is_observed(workload) else None


def _deployment(workload: Any, _seen_at: str | None) -> Rollout | None:
    progress = condition(workload, "Progressing")
    if get(progress, "reason") != "NewReplicaSetAvailable" or not _are_all(
        workload, "replicas", "updatedReplicas", "availableReplicas"
    ):
        return None
    uid, revision = get(workload, "metadata", "uid"), annotation(workload, REVISION)
    if label(workload, KNATIVE_SERVICE):
        uid, revision = (
            label(workload, each) for each in (KNATIVE_SERVICE_UID, KNATIVE_GENERATION)
        )
    return _rollout(uid, revision, time(progress, "lastUpdateTime"))


def _stateful_set(workload: Any, seen_at: str | None) -> Rollout | None:
    has_available = get(workload, "status", "availableReplicas") is not None
    ready = "availableReplicas" if has_available else "readyReplicas"
    if not _are_all(workload, "replicas", "updatedReplicas", ready):
        return None
    return _generation(workload, seen_at)


def _daemon_set(workload: Any, seen_at: str | None) -> Rollout | None:
    wanted = get(workload, "status", "desiredNumberScheduled")
    if not _have(workload, wanted, "updatedNumberScheduled", "numberAvailable"):
        return None
    return _generation(workload, seen_at)


def _argo_rollout(workload: Any, _seen_at: str | None) -> Rollout | None:
    status = get(workload, "status")
    serves = get(status, "stableRS") == get(status, "currentPodHash")
    if get(status, "phase") != "Healthy" or not serves or get(workload, "spec", "replicas") == 0:
        return None
    found = (condition(workload, name) for name in ("Completed", "Healthy", "Progressing"))
    done = next(filter(None, found), None)
    revision = annotation(workload, ROLLOUT_REVISION)
    return _rollout(get(workload, "metadata", "uid"), revision, time(done, "lastUpdateTime"))


KINDS: dict[str, Callable[[Any, str | None], Rollout | None]] = {
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Rollout": _argo_rollout,
}


def _is_observed(workload: Any) -> bool:
    """Return whether the controller has seen the newest generation; Argo's writes it as text."""
    numbers = get(workload, "status", "observedGeneration"), get(workload, "metadata", "generation")
    if any(isinstance(one, bool) or not NUMBER.fullmatch(str(one)) for one in numbers):
        return False
    observed, generation = map(int, numbers)
    return observed >= generation


def _are_all(workload: Any, *counts: str) -> bool:
    return _have(workload, get(workload, "spec", "replicas"), *counts)


def _have(workload: Any, wanted: Any, *counts: str) -> bool:
    is_some = isinstance(wanted, int) and wanted > 0
    return is_some and all(get(workload, "status", count) == wanted for count in counts)


def _generation(workload: Any, seen_at: str | None) -> Rollout:
    """Return what is done of a kind whose revisions have no numbers, nor a time of their own."""
    done_at = written_at(workload, "f:status") or seen_at
    generation = get(workload, "metadata", "generation")
    return _rollout(get(workload, "metadata", "uid"), generation, time({"time": done_at}, "time"))


def _rollout(uid: Any, revision: Any, done_at: str) -> Rollout:
    if not isinstance(uid, str) or not NUMBER.fullmatch(str(revision)):
        raise PermanentError(f"expected a uid and a number as revision, got {revision!r:.80}")
    return Rollout(uid, int(str(revision)), done_at)


def condition(workload: Any, name: str) -> Any:
    """Return the condition of this type if it is true, else None."""
    conditions = listed(workload, "status", "conditions")
    return next(
        (c for c in conditions if (get(c, "type"), get(c, "status")) == (name, "True")), None
    )


def source(address: str, cluster: str | None) -> str:
    """Return the source of a cluster's events: API servers of many clusters share their address."""
    return f"{address}/clusters/{quote(cluster, safe='')}" if cluster else address


def label(workload: Any, name: str) -> str | None:
    """Return the value of a label, or None."""
    return text_or_none(workload, "metadata", "labels", name)


def annotation(workload: Any, name: str) -> str | None:
    """Return the value of an annotation, or None."""
    return text_or_none(workload, "metadata", "annotations", name)


def written_at(workload: Any, *path: str) -> str | None:
    """Return when somebody last wrote what is at this path of managedFields, or None."""
    entries = listed(workload, "metadata", "managedFields")
    times = [time_or_none(entry, "time") for entry in entries if get(entry, "fieldsV1", *path)]
    return max(filter(None, times), key=datetime.fromisoformat, default=None)


def started_at(workload: Any, done_at: str) -> str | None:
    """Return when the pod template was last written, if that was not after its rollout was done."""
    written = written_at(workload, "f:spec", "f:template")
    return written if written and _is_at_most(written, done_at) else None


def _is_at_most(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) <= datetime.fromisoformat(other)


def is_others_business(workload: Any) -> bool:
    """Return whether a controller's own business is what it is, or a canary that is being tried.

    A Knative Service's revisions and what Flagger promoted are not.
    """
    owners = [
        one for one in listed(workload, "metadata", "ownerReferences") if get(one, "controller")
    ]
    entries = listed(workload, "metadata", "managedFields")
    if any(get(entry, "manager") == FLAGGER and not owners for entry in entries):
        return True
    return bool(owners) and not label(workload, KNATIVE_SERVICE) and not is_promoted(workload)


def is_of_another_objects_template(workload: Any) -> bool:
    """Return whether it runs what another object says, and so says not itself what that is.

    A Rollout may (workloadRef), and Flagger's Canary always does (targetRef).
    """
    spec = fields(workload, "spec")
    return bool(spec.get("workloadRef") or spec.get("targetRef")) and not fields(spec, "template")


def is_promoted(workload: Any) -> bool:
    """Return whether it is what Flagger serves: a copy of the target, once that is promoted."""
    owners = listed(workload, "metadata", "ownerReferences")
    return any(
        get(one, "kind") == "Canary" and str(get(one, "apiVersion")).startswith("flagger.app/")
        for one in owners
    )


def name(workload: Any) -> str:
    """Return what the workload is called, by whoever made it.

    Raises:
        PermanentError: it has no name.
    """
    own = label(workload, KNATIVE_SERVICE) or text(workload, "metadata", "name")
    return own.removesuffix(PRIMARY) if is_promoted(workload) else own


def fingerprint(template: Any) -> str:
    """Return a digest of the pod template that a restart does not change."""
    annotations = fields(template, "metadata", "annotations")
    lasting = {name: value for name, value in annotations.items() if name != RESTARTED_AT}
    # Kubernetes leaves out an empty map, so a template without annotations has to as well.
    metadata = {**fields(template, "metadata"), "annotations": lasting or None}
    same = json.dumps({**template, "metadata": metadata}, sort_keys=True)
    return hashlib.sha256(same.encode()).hexdigest()
