"""Deployments, as tools report them: by a deployment of theirs, or by what ran.

Environment: DEPLOY_TASKS (deploy), patterns separated by commas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dora import cdevents
from dora.settings import deploy_tasks, matches
from dora.tools.services import environment, service_names

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

    from dora.tools.repositories import Repository


class Place(NamedTuple):
    """Where something is deployed: an environment, its tier and the service, where these are known.

    Attributes:
        name: of the workflow or job, by which the catalog may know the service and the environment.
    """

    environment: str | None
    tier: str | None = None
    service: str | None = None
    name: str | None = None


def place_of(name: str) -> Place:
    """Return where a workflow or job of this name deploys, which the catalog may say."""
    return Place(None, name=name)


def is_deploy_task(task: str | None) -> bool:
    """Return whether a deployment of this task deploys the service; one without a task does."""
    return task is None or matches(task, deploy_tasks())


def deployed(  # noqa: PLR0913 - a deployment has this many facts
    repository: Repository,
    place: Place,
    *,
    identity: tuple[str, ...],
    commit: str,
    time: str,
    started_at: str | None = None,
    unplanned: bool | None = None,
) -> CloudEvent:
    """Make the CDEvent of a deployment of a commit.

    Args:
        repository: what was deployed; its name is the service where the place has none.
        place: where to.
        identity: what distinguishes this deployment from all others of the repository.
        commit: its full name.
        time: when it was done.
        started_at: when it began; None is unknown.
        unplanned: True where somebody says that it is a hotfix.
    """
    return released(
        repository.purl(commit),
        place,
        source=repository.url,
        service=place.service or repository.name,
        identity=identity,
        time=time,
        started_at=started_at,
        unplanned=unplanned,
        dora={
            "commit": commit,
            "repository": repository.url,
            "repositoryId": repository.number,
        },
    )


def released(  # noqa: PLR0913 - a deployment has this many facts
    artifact: str,
    place: Place,
    *,
    source: str,
    service: str,
    identity: tuple[str, ...],
    time: str,
    started_at: str | None = None,
    unplanned: bool | None = None,
    dora: dict[str, Any] | None = None,
) -> CloudEvent:
    """Make the CDEvent of a deployment of an artifact, by a tool that may know no commit of it.

    Args:
        artifact: its package URL.
        place: where to.
        source: who reports it.
        service: what was deployed.
        identity: what distinguishes this deployment from all others of the source.
        time: when it was done.
        started_at: when it began; None is unknown.
        unplanned: True where somebody says that it is a hotfix.
        dora: what else is known, of customData.dora.
    """
    where = environment(place.environment)
    told = {"tier": place.tier, "startedAt": started_at, "unplanned": unplanned}
    return cdevents.build(
        "service.deployed",
        identity=identity,
        source=source,
        time=time,
        subject_id=service,
        content=where.content | {"artifactId": artifact},
        dora=where.dora | service_names(service, place.name, service) | (dora or {}) | told,
    )
