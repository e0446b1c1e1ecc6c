"""What a report becomes, by the transformers, called in this process."""

from __future__ import annotations

import importlib.util
import inspect
import json
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from cloudevents.conversion import to_json
from cloudevents.http import CloudEvent

from local.functions import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.demo.report import Report

    Handler = Callable[[Any], CloudEvent | list[CloudEvent] | None]


def cdevents_of(report: Report) -> list[dict[str, Any]]:
    """Return the CDEvents of a report as CloudEvents in JSON format."""
    made = _handler(report.tool)(SimpleNamespace(cloud_event=_cloudevent(report))) or []
    events = made if isinstance(made, list) else [made]
    return [json.loads(to_json(event)) for event in events]


def _cloudevent(report: Report) -> CloudEvent:
    """Return what the transformer takes: the cluster's event, or what the webhook becomes."""
    if report.tool == "kubernetes":
        attributes = dict(report.payload)
        return CloudEvent(attributes, attributes.pop("data"))
    if report.tool == "github":
        kind = f"dev.knative.source.github.{report.kind}"
        source = report.payload["repository"]["html_url"]
    else:
        kind, source = f"dev.dora.webhooks.{report.tool}", f"/webhooks/{report.tool}"
    return CloudEvent({"type": kind, "source": source, "id": report.id}, report.payload)


@cache
def _handler(tool: str) -> Handler:
    """Return what the transformer does with an event, without the frame that answers a Broker."""
    file = REPOSITORY / "functions" / "transformers" / tool / "func.py"
    spec = importlib.util.spec_from_file_location(f"{tool}_transformer", file)
    assert spec  # noqa: S101 - the file is there
    assert spec.loader  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = inspect.unwrap(module.main)
    return handler
