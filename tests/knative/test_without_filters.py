"""Where a Broker takes no notice of filters, as before Knative Eventing 1.12, nothing goes round.

1.12 has a setting by which it does so (`DORA_TEST_EVENTING=eventing-1.12`); of the present release the
Triggers have no filters here, which comes to the same.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import pytest
import requests

from dora.function import UNKNOWN
from local.functions import REPOSITORY, all_functions
from tests.broker.stand import NAMESPACE, binary
from tests.events import cdevent
from tests.knative.eventing import NAMESPACE as EVENTING
from tests.knative.serving import url
from tests.knative.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.knative.stage import Stage

TRIGGERS = f"/apis/eventing.knative.dev/v1/namespaces/{NAMESPACE}/triggers"
FEATURES = f"/api/v1/namespaces/{EVENTING}/configmaps/config-features"
SETTING = "new-trigger-filters"
DEPLOYED = "dev.cdevents.service.deployed.0.3.0"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def unfiltered(stage: Stage) -> Iterator[Stage]:
    """Have the Broker take no notice of filters; let it again."""
    ours = {"sockeye", *(file.stem for file in (REPOSITORY / "triggers").glob("*.yaml"))}
    for name in {item["metadata"]["name"] for item in stage.cluster.kubernetes.items(TRIGGERS)}:
        if name not in ours:  # what another test left, and nobody answers any more
            stage.remove_trigger(name)
    has_setting = SETTING in stage.cluster.kubernetes.get(FEATURES)["data"]
    switch = take_notice if has_setting else have_filters
    switch(stage, yes=False)
    sent: list[str] = []

    def is_reported() -> bool:
        sent.append(send(stage))
        return any(UNKNOWN in passed(stage, each) for each in sent)

    stage.wait("the Broker takes no notice of filters", is_reported)
    yield stage
    switch(stage, yes=True)


def take_notice(stage: Stage, *, yes: bool) -> None:
    """Set whether the Broker takes notice of filters."""
    said = json.dumps({"data": {SETTING: "enabled" if yes else "disabled"}})
    stage.kubectl("-n", EVENTING, "patch", "configmap", "config-features", "-p", said)


def have_filters(stage: Stage, *, yes: bool) -> None:
    """Take the filters off all Triggers, or put them on again."""
    if yes:
        files = str(REPOSITORY / "triggers")
        stage.kubectl("apply", "--server-side", "--force-conflicts", "-f", files)
        stage.cluster.wait_until_ready()
        stage.wait_until_served()
        return
    for trigger in stage.cluster.kubernetes.items(TRIGGERS):
        named = ("-n", NAMESPACE, "patch", "trigger", trigger["metadata"]["name"])
        stage.kubectl(*named, "--type=merge", "-p", json.dumps({"spec": {"filters": None}}))


def no_tools_event() -> dict[str, str]:
    """Return the attributes of another event that no tool sends."""
    return {
        "specversion": "1.0",
        "id": f"round-{next(_numbers)}-",
        "source": "/tests",
        "type": "of.no.tool",
        "time": "2026-03-02T09:00:00Z",
    }


def send(stage: Stage) -> str:
    """Send an event of no tool; return its id."""
    event = no_tools_event()
    stage.send(event, b"{}")
    return event["id"]


def passed(stage: Stage, event_id: str) -> list[str]:
    """Return the types of what passed the Broker of an event, and of what was made of it."""
    return [
        event["type"] for event in stage.sockeye.events if event.get("id", "").startswith(event_id)
    ]


def reports(stage: Stage, attributes: dict[str, str], body: bytes) -> int:
    """Return how many functions say of an event that they do not know it, asked one by one."""
    answers = [
        requests.post(
            url(stage.cluster.serving.programs[function.name]),
            body,
            headers=binary(attributes) | {"content-type": "application/json"},
            timeout=PATIENCE_SECONDS,
        )
        for function in all_functions()
        if function.takes_events
    ]
    return sum(UNKNOWN in answer.text for answer in answers)


def test_of_an_event_of_no_tool_each_function_reports_once_and_that_is_all(
    unfiltered: Stage,
) -> None:
    made = reports(unfiltered, no_tools_event(), b"{}")
    assert made > 1
    first = send(unfiltered)
    unfiltered.wait("the reports come", lambda: len(passed(unfiltered, first)) > made)
    # What comes later has gone all its way: of the first, nothing is under way.
    second = send(unfiltered)
    unfiltered.wait("the next reports come", lambda: len(passed(unfiltered, second)) > made)

    assert sorted(passed(unfiltered, first)) == [*[UNKNOWN] * made, "of.no.tool"]


def test_a_cdevent_is_recorded_once_and_counted_once(unfiltered: Stage) -> None:
    event = cdevent(id="round-deployed", subject="rounds")
    context = event["context"]
    attributes = no_tools_event() | {
        "id": "round-deployed",
        "source": context["source"],
        "type": context["type"],
        "subject": "rounds",
        "time": context["timestamp"],
    }
    body = json.dumps(event).encode()
    unfiltered.send(attributes, body)
    unfiltered.wait("it is counted", lambda: unfiltered.deployments("rounds"))
    made = 2 * reports(unfiltered, attributes, body)
    unfiltered.wait("all pass", lambda: len(passed(unfiltered, "round-deployed")) >= 2 + made)
    made = reports(unfiltered, no_tools_event(), b"{}")
    last = send(unfiltered)
    unfiltered.wait("what is sent next passes", lambda: len(passed(unfiltered, last)) > made)

    types = passed(unfiltered, "round-deployed")
    assert [each for each in types if each != UNKNOWN] == [DEPLOYED, DEPLOYED]
    assert len(unfiltered.deployments("rounds")) == 1
    assert unfiltered.cdevents("rounds") == ["deployed"]
