"""By what a tool's event is known: what is reported in none of these ways, nobody knows the meaning of."""

from __future__ import annotations

from typing import Any

from dora.errors import UnknownShapeError
from dora.tools.payloads import get

# Tool → the paths of which one has to be there.
SHAPES = {
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
}


def problem(tool: str, data: Any) -> str | None:
    """Return what is missing by which the tool's event would be known, or None."""
    paths = SHAPES.get(tool, ())
    if not paths or any(get(data, *path.split(".")) for path in paths):
        return None
    return f"expected {' or '.join(paths)}, got none"


def require_known(tool: str, data: Any) -> None:
    """Check that an event is in a shape that is known.

    Raises:
        UnknownShapeError: it is not.
    """
    if sentence := problem(tool, data):
        raise UnknownShapeError(sentence)
