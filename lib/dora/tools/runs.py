"""Runs of workflows and pipelines, as GitHub and GitLab report them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora import cdevents

if TYPE_CHECKING:
    from cloudevents.http import CloudEvent

    from dora.tools.repositories import Repository


def run(  # noqa: PLR0913 - a run has this many facts
    predicate: str,
    repository: Repository,
    *,
    identity: tuple[str, ...],
    time: str,
    uri: str,
    name: str | None,
    outcome: str | None,
) -> CloudEvent:
    """Make the CDEvent of a run that is queued, started or finished; only the last has an outcome."""
    content = {"pipelineName": name or repository.url, "uri": uri}
    ended = {"outcome": outcome} if predicate == "finished" and outcome else {}
    return cdevents.build(
        f"pipelineRun.{predicate}",
        identity=(*identity, predicate),
        source=repository.url,
        time=time,
        subject_id=uri,
        content=content | ended,
    )
