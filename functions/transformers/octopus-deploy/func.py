"""Turn deployments of Octopus Deploy into CDEvents, as a subscription of its reports them.

https://octopus.com/docs/administration/managing-infrastructure/subscriptions has what is sent. What the
documents of an event are called stands only in its message, at the places that it says.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora.errors import PermanentError
from dora.function import on_event
from dora.tools.artifacts import package_purl
from dora.tools.deployments import Place, released
from dora.tools.payloads import (
    get,
    listed,
    number_or_none,
    require_object,
    text,
    text_or_none,
    time,
)
from dora.tools.shapes import require_known


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit each deployment that succeeded; one that failed deployed nothing."""
    event = context.cloud_event
    require_known("octopus-deploy", require_object(event))
    payload = get(event.data, "Payload")
    events = listed(payload, "Events") or [get(payload, "Event")]  # a digest has several
    done = [one for one in events if get(one, "Category") == "DeploymentSucceeded"]
    return [deployment(one, server(event)) for one in done]


def deployment(told: Any, source: str) -> CloudEvent:
    """Make the CDEvent of a deployment; each time that it is tried it has another id."""
    project, tenant = named(told, "Projects"), named_or_none(told, "Tenants")
    return released(
        package_purl("generic", None, project, named(told, "Releases")),
        Place(named(told, "Environments")),
        source=source,
        # Each tenant runs a version of its own.
        service=f"{project}/{tenant}" if tenant else project,
        identity=("deployment", document(told, "Deployments")),
        time=time(told, "Occurred"),
    )


def server(event: CloudEvent) -> str:
    """Return the server that reports it, in which the ids of documents mean something."""
    return text_or_none(event.data, "Payload", "ServerUri") or str(event["source"])


def document(told: Any, kind: str) -> str:
    """Return the id of the event's document of this kind, such as Deployments-16."""
    ids = (one for one in listed(told, "RelatedDocumentIds") if isinstance(one, str))
    found = next((one for one in ids if one.startswith(f"{kind}-")), None)
    return text({kind: found}, kind)


def named(told: Any, kind: str) -> str:
    """Return what the event's document of this kind is called.

    Raises:
        PermanentError: its message does not say.
    """
    found = named_or_none(told, kind)
    if found is None:
        message = get(told, "Message")
        raise PermanentError(f"expected a message that names one of {kind}, got {message!r:.80}")
    return found


def named_or_none(told: Any, kind: str) -> str | None:
    """Return what the event's document of this kind is called, or None."""
    for reference in listed(told, "MessageReferences"):
        start, length = (number_or_none(reference, name) for name in ("StartIndex", "Length"))
        is_one = (text_or_none(reference, "ReferencedDocumentId") or "").startswith(f"{kind}-")
        if is_one and start is not None and length:
            part = (text_or_none(told, "Message") or "")[start : start + length]
            return text_or_none({"name": part.strip()}, "name")
    return None
