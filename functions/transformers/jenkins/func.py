"""Turn Jenkins' builds into CDEvents of pipeline runs, and those that deploy into deployments.

https://plugins.jenkins.io/notification/ and https://plugins.jenkins.io/cloudevents/ report the same of
a build with differently written names.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.tools import services
from dora.tools.artifacts import deployed_artifact
from dora.tools.jobs import job_name, started_at
from dora.tools.marks import is_unplanned
from dora.tools.payloads import fields, repository_url, text, time, word
from dora.tools.shapes import require_known

# A build is reported to be completed, and finalized when its last steps are done: one end.
STARTED, FINISHED = "STARTED", ("COMPLETED", "FINALIZED")
OUTCOMES = {
    "SUCCESS": "success",
    "UNSTABLE": "failure",
    "FAILURE": "failure",
    "FAILED": "failure",
    "ABORTED": "cancel",
    "NOT_BUILT": "cancel",
}


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Report that a build started or finished, and what it deployed."""
    event = context.cloud_event
    require_known("jenkins", event.data)
    build = fields(event.data, "build")
    phase = word(build, "phase")
    if phase == STARTED:
        return [of_run(event, build, "started", {})]
    if phase not in FINISHED:
        return []
    outcome = OUTCOMES.get(word(build, "status") or "", "error")
    finished = of_run(event, build, "finished", {"outcome": outcome})
    return [finished, *(deployed(event, build) if outcome == "success" else [])]


def of_run(
    event: CloudEvent, build: dict[str, Any], predicate: str, more: dict[str, Any]
) -> CloudEvent:
    """Make the CDEvent of a build's start or end."""
    name = job_name(event.data) or event["source"]
    return cdevents.build(
        f"pipelinerun.{predicate}",
        identity=(address(build), predicate),
        source=event["source"],
        time=time(build, "timestamp"),
        subject_id=address(build),
        content={
            "pipelineName": name,
            "uri": address(build),
        }
        | more,
    )


def deployed(event: CloudEvent, build: dict[str, Any]) -> list[CloudEvent]:
    """Make the CDEvent of the service that the build's parameters say it deployed."""
    service, scm = parameter(build, "SERVICE"), fields(build, "scm") or fields(build, "scmState")
    commit = parameter(build, "COMMIT") or word(scm, "commit")
    artifact = deployed_artifact(service, commit, parameter(build, "ARTIFACT"))
    if not service or not artifact:
        return []
    where = services.environment(parameter(build, "ENVIRONMENT"))
    made = cdevents.build(
        "service.deployed",
        identity=(address(build), "deployed"),
        source=event["source"],
        time=time(build, "timestamp"),
        subject_id=service,
        content=where.content | {"artifactId": artifact},
        dora=where.dora
        | {
            "commit": commit,
            "repository": repository_url(parameter(build, "REPOSITORY") or word(scm, "url")),
            "team": parameter(build, "TEAM"),
            "tier": parameter(build, "TIER"),
            "startedAt": started_at(build),
            "unplanned": is_unplanned(parameter(build, "UNPLANNED")),
        },
    )
    return [made]


def parameter(build: dict[str, Any], name: str) -> str | None:
    """Return one of our own parameters of the build."""
    return word(build, "parameters", f"DORA_{name}")


def address(build: dict[str, Any]) -> str:
    """Return where to look at the build, which distinguishes it from all others."""
    return word(build, "full_url") or text(build, "fullUrl")
