"""Turn runs of Tekton's pipelines and tasks into CDEvents, with what they built and deployed.

docs/events.md says by which labels, parameters and results a run reports it; what Tekton sends is in
https://tekton.dev/docs/pipelines/events/.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.settings import setting
from dora.tools import services
from dora.tools.artifacts import deployed_artifact
from dora.tools.marks import is_ignored, is_unplanned, mark, team
from dora.tools.payloads import (
    fields,
    get,
    listed,
    named,
    repository_url,
    sha_or_none,
    text,
    time,
    time_or_none,
    word,
)
from dora.tools.shapes import require_known
from dora.tools.type_hints import images, origin, result

TYPE = re.compile(
    r"dev\.tekton\.event\.(pipelinerun|taskrun)\.(queued|started|successful|failed)\.v1"
)
# The reason of the condition Succeeded; another one is something in the way of the work itself.
OUTCOMES = {
    "Succeeded": "success",
    "Completed": "success",  # some tasks were skipped
    "Failed": "failure",
    "Cancelled": "cancel",
    "CancelledRunFinally": "cancel",
    "StoppedRunFinally": "cancel",
    "PipelineRunCancelled": "cancel",
    "TaskRunCancelled": "cancel",
}


class Run(NamedTuple):
    """A PipelineRun or TaskRun."""

    kind: str
    resource: dict[str, Any]
    source: str


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Report that a run waits, started or finished, and what came of one that succeeded."""
    event = context.cloud_event
    told = TYPE.fullmatch(event["type"])
    if not told:
        return []
    require_known("tekton", event.data)
    kind, happened = told.groups()
    key = "pipelineRun" if kind == "pipelinerun" else "taskRun"
    run = Run(kind, fields(event.data, key), event["source"])
    if is_ignored(run.resource):
        return []
    if happened == "queued":
        return queued(run)
    if happened == "started":
        return [started(run)]
    if happened == "failed":
        return [finished(run)]
    made = images(run.resource)
    return [finished(run), *packaged(run, made), *deployed(run, made)]


def queued(run: Run) -> list[CloudEvent]:
    """Make the CDEvent of a PipelineRun that waits; CDEvents have none for a TaskRun."""
    if run.kind != "pipelinerun":
        return []
    return [of_run(run, "queued", time(run.resource, "metadata", "creationTimestamp"), {})]


def started(run: Run) -> CloudEvent:
    """Make the CDEvent of a run's start."""
    path = ("status", "startTime")
    if not get(run.resource, *path):
        path = ("metadata", "creationTimestamp")
    return of_run(run, "started", time(run.resource, *path), {})


def finished(run: Run) -> CloudEvent:
    """Make the CDEvent of a run's end, however it ended."""
    outcome = OUTCOMES.get(word(condition(run), "reason") or "", "error")
    message = word(condition(run), "message") if outcome in ("failure", "error") else None
    more = {"outcome": outcome} | ({"errors": message} if message else {})
    return of_run(run, "finished", ended(run), more)


def condition(run: Run) -> Any:
    """Return the condition that says how the run goes."""
    conditions = listed(run.resource, "status", "conditions")
    return next((each for each in conditions if get(each, "type") == "Succeeded"), None)


def ended(run: Run) -> str:
    """Return when the run ended: its own time, else when its condition changed."""
    if get(run.resource, "status", "completionTime"):
        return time(run.resource, "status", "completionTime")
    return time(condition(run), "lastTransitionTime")


def of_run(run: Run, predicate: str, moment: str, more: dict[str, Any]) -> CloudEvent:
    """Make a CDEvent whose subject is the run itself."""
    about = pipeline if run.kind == "pipelinerun" else task
    return cdevents.build(
        f"{run.kind}.{predicate}",
        identity=(text(run.resource, "metadata", "uid"), predicate),
        source=run.source,
        time=moment,
        subject_id=text(run.resource, "metadata", "name"),
        content=about(run.resource) | {"uri": address(run)} | more,
    )


def pipeline(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a PipelineRun's pipeline."""
    name = label(resource, "pipeline") or word(resource, "spec", "pipelineRef", "name")
    return {"pipelineName": name or text(resource, "metadata", "name")}


def task(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a TaskRun's task, and the PipelineRun that it belongs to."""
    name = label(resource, "pipelineTask") or label(resource, "task")
    parent = label(resource, "pipelineRun")
    content: dict[str, Any] = {"taskName": name or text(resource, "metadata", "name")}
    return content | ({"pipelineRun": {"id": parent}} if parent else {})


def label(resource: dict[str, Any], name: str) -> str | None:
    """Return one of Tekton's own labels."""
    return word(resource, "metadata", "labels", f"tekton.dev/{name}")


def address(run: Run) -> str:
    """Return where to look at the run: in the dashboard, where there is one, else its uid as a URN."""
    dashboard = setting("TEKTON_DASHBOARD_URL").rstrip("/")
    if not dashboard:
        return f"urn:uuid:{text(run.resource, 'metadata', 'uid')}"
    namespace, name = (text(run.resource, "metadata", part) for part in ("namespace", "name"))
    return f"{dashboard}/#/namespaces/{namespace}/{run.kind}s/{name}"


def packaged(run: Run, images: list[str]) -> list[CloudEvent]:
    """Make a CDEvent of each image that the run built, if it reports from which commit."""
    origin = commit(run)
    return [of_image(run, image, origin) for image in images] if origin else []


def of_image(run: Run, image: str, origin: str) -> CloudEvent:
    """Make the CDEvent of an image that was built from a commit."""
    return cdevents.build(
        "artifact.packaged",
        identity=(image, origin),
        source=run.source,
        time=ended(run),
        subject_id=image,
        content={"change": change(run, origin)},
        dora={"commit": origin, "repository": repository(run)},
    )


def change(run: Run, origin: str) -> dict[str, str]:
    """Return the change that an image was built from."""
    source = repository(run)
    return {"id": origin} | ({"source": source} if source else {})


def deployed(run: Run, built: list[str]) -> list[CloudEvent]:
    """Make the CDEvent of the service that a PipelineRun says it deployed, where it says of what."""
    service = mark(run.resource, "service")
    said = mark(run.resource, "artifact") or parameter(run, "artifact", "image")
    artifact = deployed_artifact(service, commit(run), *([said] if said else built))
    if not service or not artifact or run.kind != "pipelinerun":
        return []
    where = services.environment(mark(run.resource, "environment"))
    event = cdevents.build(
        "service.deployed",
        identity=(text(run.resource, "metadata", "uid"), "deployed"),
        source=run.source,
        time=ended(run),
        subject_id=service,
        content=where.content | {"artifactId": artifact},
        dora=where.dora
        | {
            "commit": commit(run),
            "repository": repository(run),
            "team": team(run.resource),
            "tier": mark(run.resource, "tier"),
            "images": [artifact] if said else built or None,
            "startedAt": time_or_none(run.resource, "status", "startTime"),
            "unplanned": is_unplanned(mark(run.resource, "unplanned")),
        },
    )
    return [event]


def commit(run: Run) -> str | None:
    """Return the commit that the run worked on; a revision that is a branch or tag is none."""
    said = mark(run.resource, "commit") or result(run.resource, "CHAINS-GIT_COMMIT", "commit")
    revision = said or parameter(run, "revision", "git-revision")
    return sha_or_none({"": revision}, "") or origin(run.resource).commit


def repository(run: Run) -> str | None:
    """Return the address of the repository that the run worked on."""
    said = mark(run.resource, "repository") or result(run.resource, "CHAINS-GIT_URL")
    given = said or parameter(run, "repo-url", "git-url", "url")
    return repository_url(given) or origin(run.resource).repository


def parameter(run: Run, *names: str) -> str | None:
    """Return the first of these parameters that is there."""
    return named(listed(run.resource, "spec", "params"), *names)
