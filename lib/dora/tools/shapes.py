"""By what a tool's event is known: what is reported in none of these ways, nobody knows the meaning of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dora.errors import UnknownShapeError
from dora.tools.payloads import get, require_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloudevents.http import CloudEvent

# Tool, or tool and kind of event → the paths of which one has to be there.
SHAPES: dict[str, tuple[str, ...]] = {
    "alertmanager": ("status", "alerts"),
    "argocd": ("app.metadata",),
    "azure-devops": ("eventType",),
    "circleci": ("type",),
    "datadog": ("alert_transition",),
    "flux": ("involvedObject.kind",),
    "harbor": ("event_data.resources",),
    "incident-io": ("event_type",),
    "jenkins": ("build.phase",),
    "jira": ("webhookEvent", "issue.fields", "fields.issuetype"),
    "octopus-deploy": ("Payload.Event", "Payload.Events"),
    "opsgenie": ("action",),
    "pagerduty": ("event.event_type",),
    "servicenow": ("operation",),
    "tekton": ("pipelineRun.metadata", "taskRun.metadata", "customRun.metadata"),
    "github.push": ("ref",),
    "github.pull_request": ("pull_request",),
    "github.deployment_status": ("deployment_status.state",),
    "github.release": ("release",),
    "github.package": ("package", "registry_package"),
    "github.registry_package": ("package", "registry_package"),
    "github.issues": ("issue",),
    "github.workflow_run": ("workflow_run",),
    "github.workflow_job": ("workflow_job",),
    "gitlab.push": ("ref",),
    "gitlab.merge_request": ("object_attributes",),
    "gitlab.deployment": ("status",),
    "gitlab.release": ("tag",),
    "gitlab.pipeline": ("object_attributes",),
    "gitlab.job": ("build_status",),
    "gitlab.issue": ("object_attributes",),
    "gitlab.confidential_issue": ("object_attributes",),
    "gitlab.work_item": ("object_attributes",),
    "gitlab.confidential_work_item": ("object_attributes",),
    "gitlab.system": ("object_kind", "event_name"),
    "gitea.push": ("ref",),
    "gitea.pull_request": ("pull_request",),
    "gitea.release": ("release",),
    "gitea.issues": ("issue",),
    "gitea.workflow_run": ("workflow_run",),
    "gitea.workflow_job": ("workflow_job",),
    "gitea.action_run_success": ("run",),
    "gitea.action_run_failure": ("run",),
    "gitea.action_run_recover": ("run",),
    "bitbucket.repo.push": ("push",),
    "bitbucket.repo.refs_changed": ("changes",),
    "bitbucket.repo.commit_status_created": ("commit_status",),
    "bitbucket.repo.commit_status_updated": ("commit_status",),
    "bitbucket.pullrequest.created": ("pullrequest",),
    "bitbucket.pullrequest.fulfilled": ("pullrequest",),
    "bitbucket.pullrequest.rejected": ("pullrequest",),
    "bitbucket.pr.opened": ("pullRequest",),
    "bitbucket.pr.merged": ("pullRequest",),
    "bitbucket.pr.declined": ("pullRequest",),
    "bitbucket.pr.deleted": ("pullRequest",),
    "sentry.metric_alert": ("data.metric_alert",),
    "sentry.event_alert": ("data.event",),
    "sentry.issue": ("data.issue",),
}


def shape_of(tool: str, kind: str) -> str:
    """Return under which name the shape of an event is: of the tool, with the end of the event's type."""
    _, is_by_kind, event = kind.partition(f".{tool}.")
    return f"{tool}.{event}" if is_by_kind else tool


def problem(shape: str, data: Any) -> str | None:
    """Return what is missing by which the event would be known; None where it is, or means nothing."""
    paths = SHAPES.get(shape, ())
    if not paths or any(get(data, *path.split(".")) for path in paths):
        return None
    return f"expected {' or '.join(paths)}, got none"


def kind_problem(shape: str) -> str | None:
    """Return which kinds of events of a tool mean something, where this one is none of them."""
    tool, _, kind = shape.partition(".")
    kinds = [known.partition(".")[2] for known in SHAPES if known.startswith(f"{tool}.")]
    is_known = not kinds or kind in kinds
    return None if is_known else f"expected one of {', '.join(kinds)}, got {kind}"


def require_known(shape: str, data: Any) -> None:
    """Check that an event is in a shape that is known.

    Raises:
        UnknownShapeError: it is not.
    """
    if sentence := problem(shape, data):
        raise UnknownShapeError(sentence)


def by_type(
    event: CloudEvent, types: str, makers: Mapping[str, Callable[[Any], list[CloudEvent]]]
) -> list[CloudEvent]:
    """Return the CDEvents of an event by its type; most mean nothing.

    Args:
        event: what a tool sent.
        types: with what the types of all its events begin.
        makers: what makes CDEvents of the event's data, by the rest of the type.

    Raises:
        PermanentError: the data has to be an object, and is none.
        UnknownShapeError: it is in no shape that is known of this type.
    """
    cdevents_of = makers.get(event["type"].removeprefix(types))
    if cdevents_of is None:
        return []
    payload = require_object(event)
    require_known(shape_of(types.rstrip(".").rpartition(".")[2], event["type"]), payload)
    return cdevents_of(payload)
