"""An event of which nobody knows the shape is kept, and so is that nothing became of it."""

from __future__ import annotations

import json

import pytest
import yaml

from dora.function import UNKNOWN
from dora.tools.shapes import SHAPES
from local.filters import trigger_filter
from local.functions import REPOSITORY
from tests.conftest import Database, Functions
from tests.events import cloudevent

TRIGGERS = sorted(REPOSITORY.glob("triggers/*.yaml"))
TYPES = {"tekton": "dev.tekton.event.pipelinerun.successful.v1"}


@pytest.mark.parametrize("tool", SHAPES)
def test_a_transformer_replies_that_it_does_not_know_a_shape(
    function: Functions, tool: str
) -> None:
    kind = TYPES.get(tool, f"dev.dora.webhooks.{tool}")

    answer = function(f"{tool}-transformer").post(cloudevent(type=kind))

    reply = json.loads(answer.data)
    assert (reply["type"], reply["source"], reply["id"]) == (UNKNOWN, "/tests", "1/unknown")
    assert reply["data"]["type"] == kind
    assert reply["data"]["because"].startswith("expected ")


def test_the_reply_is_kept_and_shown_and_never_transformed() -> None:
    taking = [
        file.stem
        for file in TRIGGERS
        if trigger_filter(yaml.safe_load(file.read_text())["spec"])({"type": UNKNOWN})
    ]

    assert taking == ["cloudevents-endpoint", "sockeye"]


def test_the_reply_is_kept(function: Functions, database: Database) -> None:
    reply = function("flux-transformer").post(cloudevent(type="dev.dora.webhooks.flux"))

    assert (
        function("cloudevents-endpoint")
        .post(reply.data.decode(), content_type=reply.content_type)
        .status_code
        == 204
    )
    assert database.rows("select ce_type, content #>> '{data,because}' from cloudevents_raw") == [
        [UNKNOWN, "expected involvedObject.kind, got none"]
    ]
