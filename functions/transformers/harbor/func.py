"""Turn a push to Harbor into the CDEvent of each artifact that is published by it.

https://goharbor.io/docs/latest/working-with-projects/project-configuration/configure-webhooks/ has
both formats.
"""

from __future__ import annotations

from typing import Any

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.tools.artifacts import image_purl
from dora.tools.payloads import fields, listed, text, time, word
from dora.tools.shapes import require_known

PUSHED, POSTED = "harbor.artifact.pushed", "dev.dora.webhooks.harbor"


@on_event
def main(context: Context) -> list[CloudEvent]:
    """Emit one CDEvent for each artifact that was pushed."""
    event = context.cloud_event
    if event["type"] == PUSHED:
        moment, pushed = time(event.get_attributes(), "time"), event.data
        user = word(event.get_attributes(), "operator")
    elif word(event.data, "type") == "PUSH_ARTIFACT":
        moment, pushed = time(event.data, "occur_at"), fields(event.data, "event_data")
        user = word(event.data, "operator")
    else:
        if event["type"] == POSTED:
            require_known("harbor", event.data)
        return []
    return [published(event["source"], one, moment, user) for one in listed(pushed, "resources")]


def published(source: str, resource: Any, moment: str, user: str | None) -> CloudEvent:
    """Make the CDEvent of an artifact; the same digest and tag again is the same artifact."""
    artifact = purl(resource)
    return cdevents.build(
        "artifact.published",
        identity=(artifact,),
        source=source,
        time=moment,
        subject_id=artifact,
        content={"user": user} if user else {},
    )


def purl(resource: Any) -> str:
    """Return the package URL by digest, with the tag that it was pushed under."""
    name = text(resource, "resource_url").partition("@")[0]
    return image_purl(f"{name}@{text(resource, 'digest')}")
