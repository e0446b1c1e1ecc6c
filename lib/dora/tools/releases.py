"""Artifacts that are published, as GitHub and GitLab report them: releases and images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora import cdevents

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

    from dora.tools.repositories import Repository


def published(  # noqa: PLR0913 - an artifact has this many facts
    artifact: str,
    *,
    identity: tuple[str, ...],
    source: Repository,
    time: str,
    user: str | None = None,
    commit: str | None = None,
    repository: str | None = None,
) -> CloudEvent:
    """Make the CDEvent of an artifact that is published.

    Args:
        artifact: its package URL.
        identity: what distinguishes this publication from all others of its source.
        source: where it is published.
        time: when it was published.
        user: who published it.
        commit: the full name of the commit that it was made of; None is unknown.
        repository: the URL of what it was made of, where that is another than its source.
    """
    is_own = repository is None or repository == source.url
    return cdevents.build(
        "artifact.published",
        identity=identity,
        source=source.url,
        time=time,
        subject_id=artifact,
        content={"user": user} if user else {},
        dora={
            "commit": commit,
            "repository": repository or source.url,
            "repositoryId": source.number if is_own else None,
        },
    )
