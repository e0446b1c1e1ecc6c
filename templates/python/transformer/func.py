"""Turn what my-source reports into CDEvents: a deployment that succeeded is one of the service."""

from __future__ import annotations

from cloudevents.http import CloudEvent
from parliament import Context

from dora import cdevents
from dora.function import on_event
from dora.tools.artifacts import image_purl
from dora.tools.payloads import get, require_object, sha_or_none, text, time

DEPLOYED = "com.example.my-source.deployed"


@on_event
def main(context: Context) -> CloudEvent | None:
    """Emit the deployment; what says the same again gets the same id, by `identity`."""
    event = context.cloud_event
    told = require_object(event)
    if event["type"] != DEPLOYED or get(told, "status") != "success":
        return None
    return cdevents.build(
        "service.deployed",
        identity=("deployment", text(told, "id")),
        source=event["source"],
        time=time(told, "finishedAt"),
        subject_id=text(told, "service"),
        content={
            "environment": {"id": text(told, "environment")},
            "artifactId": image_purl(text(told, "image")),
        },
        dora={"commit": sha_or_none(told, "commit")},
    )
