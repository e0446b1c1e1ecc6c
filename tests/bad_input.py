"""Rubbish, each kind by its name: what users and broken tools send."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.events import carried, cdevent, deployment_event

BINARY = {
    "ce_specversion": "1.0",
    "ce_id": "1",
    "ce_source": "/tests",
    "ce_type": "dev.cdevents.service.deployed.0.3.0",
    "ce_subject": "shop",
    "ce_time": "2026-01-05T12:00:00Z",
    "content_type": "application/json",
}

# name → (body, headers): what is no CloudEvent, so no function and no Broker takes it.
NO_CLOUDEVENTS: dict[str, tuple[bytes, dict[str, str]]] = {
    "an empty request": (b"", {}),
    "plain JSON": (b'{"hello": "world"}', {"content_type": "application/json"}),
    "a form": (b"a=b", {"content_type": "application/x-www-form-urlencoded"}),
    "structured mode that is no JSON": (b"{", {"content_type": "application/cloudevents+json"}),
    "structured mode that is a list": (b"[]", {"content_type": "application/cloudevents+json"}),
    "JSON nested without end": (b"[" * 100_000, {"content_type": "application/cloudevents+json"}),
    "an id that is a number": (
        b'{"specversion": "1.0", "id": 1, "source": "/s", "type": "t"}',
        {"content_type": "application/cloudevents+json"},
    ),
    "a specversion of the future": (b"{}", BINARY | {"ce_specversion": "2.0"}),
    "a control character in the id": (
        json.dumps({"specversion": "1.0", "id": "a\0b", "source": "/s", "type": "t"}).encode(),
        {"content_type": "application/cloudevents+json"},
    ),
    **{
        f"no {name}": (b"{}", {key: value for key, value in BINARY.items() if key != f"ce_{name}"})
        for name in ("id", "source", "type", "specversion")
    },
    **{
        f"an empty {name}": (b"{}", BINARY | {f"ce_{name}": ""})
        for name in ("id", "source", "type")
    },
}
# The Broker takes this one; a function does not.
OLD_CLOUDEVENT = {"a specversion of the past": (b"{}", BINARY | {"ce_specversion": "0.3"})}
# Of an event whose content's time is none: the Broker takes no event with such a time.
TIME = "2026-01-05T12:00:00Z"


def _changed(change: Callable[[dict[str, Any]], object], **attributes: Any) -> dict[str, Any]:
    event = cdevent(content={"environment": {"id": "production"}, "artifactId": "pkg:oci/shop"})
    event["customData"] = {"dora": {}}
    change(event)
    return carried(event, **attributes)


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], object]:
    def change(event: dict[str, Any]) -> None:
        *parents, name = path.split(".")
        for parent in parents:
            event = event[parent]
        event[name] = value

    return change


def _renamed(event_type: str) -> dict[str, Any]:
    return _changed(_set("context.type", event_type))


# name → (event, what its sentence says): CloudEvents that can never be CDEvents. Each has an id of
# its own, so that it is found again among the dead letters.
REFUSED_CDEVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "data that is text": (carried(cdevent(), data="hello"), "expected"),
    "data that is missing": (carried(cdevent(), data=None), "expected"),
    "data that is a list": (carried(cdevent(), data=[1]), "expected"),
    "an unknown type": (_renamed("dev.cdevents.service.exploded.0.1.0"), "service.exploded.0.1.0"),
    "an unknown version": (_renamed("dev.cdevents.service.deployed.9.9.9"), "deployed.9.9.9"),
    "half a type": (_renamed("dev.cdevents"), "dev.cdevents"),
    "a malformed custom type": (_renamed("dev.cdeventsx.tool"), "dev.cdeventsx.tool"),
    "a required field missing": (
        _changed(lambda event: event["subject"]["content"].pop("environment")),
        "subject.content.environment",
    ),
    "a field of the wrong type": (
        _changed(_set("subject.content.artifactId", 5)),
        "subject.content.artifactId",
    ),
    "a field too many": (_changed(_set("subject.content.replicas", 3)), "replicas"),
    "no context": (
        carried(cdevent(), data={"subject": {"id": "shop", "content": {}}}),
        "context",
    ),
    "a context that differs": (_changed(lambda _: None, subject="other"), "attribute subject"),
    "a time that is none": (
        _changed(_set("context.timestamp", "yesterday"), time=TIME),
        "context.timestamp",
    ),
    "the year 0": (
        _changed(_set("context.timestamp", "0000-01-01T00:00:00Z"), time=TIME),
        "0000-01-01",
    ),
    "the year 99999": (
        _changed(_set("context.timestamp", "99999-01-01T00:00:00Z"), time=TIME),
        "context.timestamp",
    ),
    "the 30th of February": (
        _changed(_set("context.timestamp", "2026-02-30T00:00:00Z"), time=TIME),
        "context.timestamp",
    ),
    "text with a NUL": (_changed(_set("customData.note", "a\0b")), "cannot be converted to text"),
    "half a surrogate pair": (_changed(_set("customData.note", "\ud800")), "surrogate"),
    "a revision that is text": (
        _changed(_set("customData.dora.revision", "one")),
        "customData.dora.revision",
    ),
    "a revision beyond all numbers": (
        _changed(_set("customData.dora.revision", 10**30)),
        "customData.dora.revision",
    ),
}
for _number, (_event, _) in enumerate(REFUSED_CDEVENTS.values()):
    _event["id"] = f"refused-{_number}"
    if isinstance(_event.get("data"), dict) and "context" in _event["data"]:
        _event["data"]["context"]["id"] = _event["id"]


def _without(*path: str) -> dict[str, Any]:
    event = copy.deepcopy(deployment_event())
    place = event["data"]
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return event


# name → (event, status): Deployments that the transformer can make nothing of.
DEPLOYMENTS: dict[str, tuple[dict[str, Any], int]] = {
    "without status": (_without("status"), 204),
    "with zero replicas": (deployment_event(spec__replicas=0), 204),
    "with replicas that are text": (deployment_event(spec__replicas="1"), 204),
    "without containers": (deployment_event(spec__template__spec__containers=[]), 422),
    "with containers that are null": (deployment_event(spec__template__spec__containers=None), 422),
    "with an image that is a number": (
        deployment_event(spec__template__spec__containers=[{"image": 5}]),
        422,
    ),
    "with an image that is none": (
        deployment_event(spec__template__spec__containers=[{"image": "::"}]),
        422,
    ),
    "without a uid": (_without("metadata", "uid"), 422),
    "without a name": (_without("metadata", "name"), 422),
    "without a revision": (_without("metadata", "annotations"), 422),
    "with a revision without end": (
        deployment_event(metadata__annotations={"deployment.kubernetes.io/revision": "9" * 5000}),
        422,
    ),
    "without a template": (_without("spec", "template"), 422),
    "with a template that is a list": (deployment_event(spec__template=[1]), 422),
    "with labels that are a list": (deployment_event(metadata__labels=["a"]), 200),
    "with owners that are text": (deployment_event(metadata__ownerReferences="me"), 200),
    "with conditions that are null": (deployment_event(status__conditions=None), 204),
    "that is null": (deployment_event() | {"data": None}, 422),
    "that is a list": (deployment_event() | {"data": [1, 2]}, 422),
    "that is text": (deployment_event() | {"data": "hello"}, 422),
}
