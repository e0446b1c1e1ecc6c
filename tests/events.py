"""Events to test with: CloudEvents, CDEvents and what Kubernetes reports of a Deployment."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from dora.cdevents.types import SPEC_VERSION, newest

DATA = Path(__file__).parent / "data"
RECORDED = [
    json.loads(line) for line in (DATA / "kubernetes-rollouts.jsonl").read_text().splitlines()
]
# The recorded event in which nginx-deployment's first rollout is done.
FINISHED = RECORDED[4]


def cloudevent(**attributes: Any) -> dict[str, Any]:
    """Make a CloudEvent in JSON format; an attribute that is None is left out."""
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/tests",
        "type": "test.happened",
        "time": "2026-01-05T12:00:00Z",
        "datacontenttype": "application/json",
        "data": {"hello": "world"},
        **attributes,
    }
    return {name: value for name, value in event.items() if value is not None}


def cdevent(kind: str = "service.deployed", **parts: Any) -> dict[str, Any]:
    """Make a CDEvent; the default is a deployment of shop to production.

    Args:
        kind: subject and predicate.
        parts: id, source, time, subject, content, custom (customData.dora).
    """
    content = {"environment": {"id": "production"}, "artifactId": "pkg:oci/shop?tag=1"}
    event = {
        "context": {
            "specversion": SPEC_VERSION,
            "id": parts.get("id", "d1"),
            "source": parts.get("source", "/tests"),
            "type": newest(kind),
            "timestamp": parts.get("time", "2026-01-05T12:00:00Z"),
        },
        "subject": {"id": parts.get("subject", "shop"), "content": parts.get("content", content)},
    }
    if "custom" in parts:
        event["customData"] = {"dora": parts["custom"]}
    return event


def carried(event: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """Make the CloudEvent that carries a CDEvent."""
    return cloudevent(
        **{
            "id": event["context"]["id"],
            "source": event["context"]["source"],
            "type": event["context"]["type"],
            "time": event["context"]["timestamp"],
            "subject": event["subject"]["id"],
            "data": event,
            **attributes,
        }
    )


def revision(number: int, template: str, **parts: Any) -> dict[str, Any]:
    """Make the CDEvent of a Kubernetes revision with a pod template, at that minute of a day."""
    return cdevent(
        "service.deployed" if number == 1 else "service.upgraded",
        **{
            "id": f"{parts.get('uid', 'u1')}-{number}",
            "time": f"2026-01-05T12:{number:02}:00Z",
            "custom": {
                "uid": parts.get("uid", "u1"),
                "revision": number,
                "templateFingerprint": template,
            },
            **parts,
        },
    )


def deployment_event(**changes: Any) -> dict[str, Any]:
    """Make the event of a finished rollout; a change names a path, as metadata__labels."""
    event: dict[str, Any] = copy.deepcopy(FINISHED)
    for path, value in changes.items():
        *parents, name = path.split("__")
        place = event["data"]
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return event


def example(name: str, number: str) -> dict[str, Any]:
    """Return an example of a transformer by its number."""
    [file] = (DATA.parent / "functions" / name / "inputs").glob(f"{number}-*.json")
    event: dict[str, Any] = json.loads(file.read_text())
    return event


def as_a_githubsource_tells(event: dict[str, Any]) -> dict[str, Any]:
    """Make what Knative's GitHubSource makes of the same webhook: it loses what its types do not have.

    They are those of gopkg.in/go-playground/webhooks.v5, where an empty list is written as null.
    """
    told = copy.deepcopy(event)
    told |= {"time": "2026-03-02T12:00:07.123456789Z", "source": "https://github.com/acme"}
    data = told["data"]
    for name in ("check_run", "workflow_run"):
        data.pop(name, None)
    for commit in data.get("commits", []):
        commit |= {name: commit.get(name) or None for name in ("added", "removed", "modified")}
    for name in ("original_environment", "transient_environment", "production_environment"):
        data.get("deployment", {}).pop(name, None)
    if "deployment" in data:
        data["deployment"]["payload"] = {}
    for name in ("type", "state_reason"):
        data.get("issue", {}).pop(name, None)
    return told
