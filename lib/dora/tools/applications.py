"""Applications of Argo CD: what a sync applied, since when it is the same, whether it serves.

https://argo-cd.readthedocs.io/en/stable/operator-manual/application.yaml says what one holds.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from dora.tools.artifacts import image_purl
from dora.tools.payloads import fields, get, listed, number, text, time_or_none, word

# Where Argo CD keeps what it has notified of, by our trigger's `oncePer`: when it got degraded.
NOTIFIED = "notified.notifications.argoproj.io"
DEGRADATION = re.compile(r"(.+):on-dora-degraded:.*")
WHEN = ("id", "deployedAt", "deployStartedAt", "initiatedBy")
NUMBERS = re.compile(r"\d{1,18}", re.ASCII)
# The kinds whose pods have to come up before a sync serves.
ROLLED_OUT = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "ReplicaSet", "Pod")


def degradation(app: dict[str, Any]) -> str | None:
    """Return when the Application last got degraded, as far as Argo CD notified of it."""
    try:
        notified = json.loads(word(app, "metadata", "annotations", NOTIFIED) or "{}")
    except (ValueError, RecursionError):
        return None
    told = [DEGRADATION.fullmatch(key) for key in fields({"all": notified}, "all")]
    return max((found[1] for found in told if found), default=None)


def rollout(app: dict[str, Any]) -> tuple[str, ...]:
    """Distinguish this rollout from others: the revisions, and since when nothing else was synced.

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


def is_settled(app: dict[str, Any]) -> bool:
    """Return whether the Application's health is of this sync, where the sync rolls something out.

    Argo CD reports a sync as soon as it is applied, when health may still be that of the one before.
    """
    healthy_since = time_or_none(app, "status", "health", "lastTransitionTime")
    started = time_or_none(app, "status", "operationState", "startedAt")
    results = listed(app, "status", "operationState", "syncResult", "resources")
    rolls_out = not results or any(get(one, "kind") in ROLLED_OUT for one in results)
    if not rolls_out or not healthy_since or not started:
        return True
    return datetime.fromisoformat(healthy_since) >= datetime.fromisoformat(started)


def revisions(synced: Any) -> tuple[str, ...]:
    """Return the revision of each source that was synced."""
    several = listed(synced, "revisions") or [get(synced, "revision")]
    return tuple(str(revision) for revision in several if revision)


def what(entry: Any) -> dict[str, Any]:
    """Return what was synced, without when and by whom."""
    return {name: value for name, value in fields({"": entry}, "").items() if name not in WHEN}


def images_of(app: dict[str, Any]) -> list[str]:
    """Return the images that are meant, by what the sync applied and by the Application's parameters.

    After them comes what was seen running, which may be late, of pods that are about to end or of
    jobs that are done: of several tags of one image the one of the highest number first.
    """
    results = listed(app, "status", "operationState", "syncResult", "resources")
    synced = [result for result in results if get(result, "status") == "Synced"]
    applied = [image for result in synced for image in listed(result, "images")]
    running = sorted(map(str, listed(app, "status", "summary", "images")), key=by_tag)
    meant = [image for image in running if {tail(image), tag(image)} & parameters(app)]
    return [image_purl(image) for image in dict.fromkeys(map(str, [*applied, *meant, *running]))]


def parameters(app: dict[str, Any]) -> set[str]:
    """Return the images that Kustomize is given, and the tags that Helm is, as Argo CD's image updater writes them."""
    sources = [fields(app, "spec", "source"), *listed(app, "spec", "sources")]
    images = [image for source in sources for image in listed(source, "kustomize", "images")]
    helm = [one for source in sources for one in listed(source, "helm", "parameters")]
    tags = [word(one, "value") for one in helm if (word(one, "name") or "").endswith("tag")]
    return {tail(str(image)) for image in images} | {str(one) for one in tags if one}


def reported_at(app: dict[str, Any]) -> int | None:
    """Return when Argo CD last looked at the Application, in seconds since 1970: which of two reports is later."""
    looked = time_or_none(app, "status", "reconciledAt")
    looked = looked or time_or_none(app, "status", "health", "lastTransitionTime")
    return int(datetime.fromisoformat(looked).timestamp()) if looked else None


def tail(image: str) -> str:
    """Return the image as it is pulled, without the name that Kustomize puts it in the place of."""
    return image.rpartition("=")[2]


def tag(image: str) -> str:
    """Return the tag of an image."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def by_tag(image: str) -> tuple[str, list[int]]:
    """Return what brings tags of one image next to each other, the highest number first."""
    name, _, tag = image.rpartition(":")
    return name, [-int(part) for part in NUMBERS.findall(tag)]


def uid(app: dict[str, Any]) -> str:
    """Return what distinguishes the Application from one of its name that came before."""
    return text(app, "metadata", "uid")
