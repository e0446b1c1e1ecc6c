"""Events that happen after a history, of each kind that may cost differently."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import md5
from typing import Any

PRODUCTION = {"environment": {"id": "production"}}
REPOSITORY = "https://github.com/acme/{}"
TARGETS = 5

# Type without its beginning and version, subject, content, and what is in customData.dora.
Event = tuple[str, str, dict[str, Any], dict[str, Any]]


def changes(numbers: range, services: int) -> Iterator[Event]:
    """Yield pushes of three commits, one service after the other."""
    for number in numbers:
        shas = [_digits(f"commit {number} {place}") for place in range(3)]
        content = {"repository": {"id": REPOSITORY.format(_service(number, services))}}
        commits = {"commits": [{"sha": sha} for sha in shas]}
        yield "change.merged", shas[-1], content, {"branch": "main", **commits}


def deployments(numbers: range, services: int) -> Iterator[Event]:
    """Yield a deployment of each of these pushes."""
    for number in numbers:
        service = _service(number, services)
        yield _deployed(
            service,
            f"{service}&tag=2.{number}",
            commit=_digits(f"commit {number} 2"),
            repository=REPOSITORY.format(service),
            uid=service,
        )


def incidents(numbers: range, services: int) -> Iterator[Event]:
    """Yield detections and resolutions of incidents in turn."""
    for number in numbers:
        predicate = "resolved" if number % 2 else "detected"
        content = {**PRODUCTION, "service": {"id": _service(number // 2, services)}}
        yield f"incident.{predicate}", f"incident {number // 2}", content, {}


def rollouts_to_targets(numbers: range) -> Iterator[Event]:
    """Yield rollouts of one version after the other, each to all targets of one service."""
    for number in numbers:
        version, target = divmod(number, TARGETS)
        yield _deployed("spread", f"spread&tag={version}", uid=f"target {target}")


def reports(numbers: range) -> Iterator[Event]:
    """Yield a detection, and then reports of the same incident."""
    for number in numbers:
        content = {**PRODUCTION, "service": {"id": "service-1"}}
        yield f"incident.{'reported' if number else 'detected'}", "reported often", content, {}


def pushes_of_one_commit(numbers: range) -> Iterator[Event]:
    """Yield pushes that list the same commit, as a tool does that sends each branch with all of it."""
    sha = _digits("pushed often")
    for _ in numbers:
        content = {"repository": {"id": "https://git.example/acme/often"}}
        yield "change.merged", sha, content, {"branch": "main", "commits": [{"sha": sha}]}


def deployments_by_other_names(numbers: range) -> Iterator[Event]:
    """Yield deployments of a service that its tool calls otherwise each time."""
    for number in numbers:
        kind, subject, content, _ = _deployed("named", f"named&tag={number}")
        yield kind, subject, content, {"serviceNames": [f"name-{number}", "named"]}


def moves(numbers: range) -> Iterator[Event]:
    """Yield moves of a tag to other images."""
    for number in numbers:
        digest = f"sha256:{_digits(f'image {number}')}"
        name = f"pkg:oci/moved@{digest}?repository_url=ghcr.io%2Facme%2Fmoved&tag=latest"
        yield "artifact.published", name, {}, {}


def moves_with_deployments(numbers: range) -> Iterator[Event]:
    """Yield moves of the tag, and a deployment after every tenth."""
    for number in numbers:
        yield from moves(range(number, number + 1))
        if number % 10 == 0:
            yield from deployments_of_moved(range(1))


def deployments_of_moved(numbers: range) -> Iterator[Event]:
    """Yield deployments of what the tag means then."""
    for _ in numbers:
        yield _deployed("moved", "moved&tag=latest")


def _deployed(service: str, image: str, **dora: str) -> Event:
    artifact = f"pkg:oci/service?repository_url=ghcr.io%2Facme%2F{image}"
    return "service.deployed", service, {**PRODUCTION, "artifactId": artifact}, dora


def _service(number: int, services: int) -> str:
    return f"service-{number % services}"


def _digits(name: str) -> str:
    return md5(name.encode(), usedforsecurity=False).hexdigest()
