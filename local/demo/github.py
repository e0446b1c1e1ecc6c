"""What GitHub reports of a release: pull requests, pushes, the image, the deployment.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from local.demo.releases import sha
from local.demo.report import Report, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from local.demo.releases import Change, Release
    from local.demo.services import Service

BUILD, ROLLOUT, STAGING = timedelta(minutes=6), timedelta(minutes=4), timedelta(minutes=9)
PEOPLE = ("ada", "grace", "linus", "margaret")
BOT = "dependabot[bot]"


def pushes(releases: Iterable[Release]) -> Iterator[Report]:
    """Return the merges of a repository: each a pull request that is closed, and a push of its commits.

    Args:
        releases: of all services that come from the repository.
    """
    merges = [
        (change.merged, change.name, release, change)
        for release in releases
        for change in release.changes
    ]
    before = sha("nothing")
    for _merged, _name, release, change in sorted(merges, key=lambda merge: merge[:2]):
        yield _pull_request(release.service, change)
        yield _push(release.service, change, before)
        before = change.merge_commit


def image(release: Release) -> Iterator[Report]:
    """Return the report of the image that was built for a release; one that goes back builds none."""
    if release.changes:
        service, when = release.service, release.changes[-1].merged + BUILD
        yield _report(service, "package", f"{release.name}/image", when, _package(release, when))


def deployments(release: Release) -> Iterator[Report]:
    """Return the reports of a release's deployments."""
    if release.service.has_staging and release.changes:
        yield _deployment(release, "staging", release.changes[-1].merged + BUILD + STAGING)
    yield _deployment(release, "production", release.deployed)


def image_name(service: Service, head: str) -> str:
    """Return the name of the image that was built of a commit."""
    return f"containers.demo.example/acme/{service.name}:main-{head[:10]}"


def _pull_request(service: Service, change: Change) -> Report:
    merged = rfc3339(change.merged)
    pull = {
        "number": _number(change.name),
        "created_at": rfc3339(change.opened),
        "closed_at": merged,
        "merged_at": merged,
        "merge_commit_sha": change.merge_commit,
        "head": {"ref": f"change-{_number(change.name)}", "sha": change.commits[-1]},
        "base": {"ref": "main"},
        "user": {"login": _author(change)},
    }
    body = {"action": "closed", "number": pull["number"], "pull_request": pull}
    return _report(service, "pull_request", f"{change.name}/pull", change.merged, body)


def _push(service: Service, change: Change, before: str) -> Report:
    names, times = [*change.commits, change.merge_commit], [*change.committed, change.merged]
    body = {
        "ref": "refs/heads/main",
        "before": before,
        "after": change.merge_commit,
        "forced": False,
        "commits": [
            _commit(service, change, name, when) for name, when in zip(names, times, strict=True)
        ],
    }
    report = _report(service, "push", f"{change.name}/push", change.merged, body)
    report.payload["repository"]["pushed_at"] = int(change.merged.timestamp())
    return report


def _commit(service: Service, change: Change, name: str, when: datetime) -> dict[str, Any]:
    author = _author(change)
    return {
        "id": name,
        "timestamp": rfc3339(when),
        "distinct": True,
        "message": f"Change {_number(change.name)}",
        "author": {"name": author, "username": author},
        "added": [],
        "removed": [],
        "modified": [f"{service.path}{service.name}.py"],
    }


def _package(release: Release, when: datetime) -> dict[str, Any]:
    name = image_name(release.service, release.head)
    digest = f"sha256:{sha(release.head)}{sha(release.name)[:24]}"
    labels = {
        "org.opencontainers.image.revision": release.head,
        "org.opencontainers.image.source": release.service.repository,
    }
    tag = {"name": name.rpartition(":")[2], "digest": digest}
    version = {
        "created_at": rfc3339(when),
        "package_url": name,
        "container_metadata": {"tag": tag, "labels": {"all_labels": labels}},
    }
    package = {"updated_at": rfc3339(when), "package_type": "CONTAINER", "package_version": version}
    return {"action": "published", "package": package}


def _deployment(release: Release, environment: str, done: datetime) -> Report:
    name = f"{release.name}/{environment}"
    chosen = {"service": release.service.name} | (
        {"unplanned": True} if release.is_unplanned else {}
    )
    deployment = {
        "id": _number(name),
        "sha": release.head,
        "task": "deploy",
        "payload": chosen,
        "environment": environment,
        "production_environment": environment == "production",
        "created_at": rfc3339(done - ROLLOUT),
    }
    status = {"state": "success", "created_at": rfc3339(done), "environment": environment}
    body = {"action": "created", "deployment": deployment, "deployment_status": status}
    return _report(release.service, "deployment_status", name, done, body)


def _report(service: Service, kind: str, name: str, when: datetime, body: dict[str, Any]) -> Report:
    address = str(service.repository)
    repository = {
        "id": _number(address),
        "name": address.rpartition("/")[2],
        "owner": {"login": "acme"},
        "html_url": address,
        "default_branch": "main",
    }
    delivery = str(uuid5(NAMESPACE_URL, f"{address}/{name}"))
    return Report(when, "github", kind, delivery, body | {"repository": repository})


def _number(name: str) -> int:
    return int(sha(name)[:7], 16)


def _author(change: Change) -> str:
    return BOT if change.is_by_bot else PEOPLE[_number(change.name) % len(PEOPLE)]
