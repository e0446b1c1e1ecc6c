"""What the examples of a tool's transformer say one after the other gives the numbers of their story."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Database, Functions
from tests.events import example
from tests.metrics.stories import differences, installation, record
from tests.metrics.test_tools import Around, Sending, in_order, shuffled_with_repeats
from tests.sink import Sink, sink

__all__ = ["sink"]
ASKED = {"from": "2026-03-01", "to": "2026-04-01", "tier": ["production"], "service": "shop"}
FIRST, SECOND = (
    "356a192b7913b04c54574d18c28d46e6395428ab",
    "da4b9237bacccdf19c0760cab7aec4a8359010b0",
)

Event = dict[str, Any]
Numbers = dict[str, dict[str, Any]]


class Story(NamedTuple):
    """Examples of a tool by their numbers, and which numbers of the metrics must come of them."""

    tool: str
    examples: str
    expected: Numbers
    deployments: tuple[Event, ...] = ()


def deployed(time: str, **dora: str) -> Event:
    """Return the CDEvent of a deployment of the shop that another tool reports."""
    context = {
        "specversion": "0.5.1",
        "id": time,
        "source": "/acme",
        "type": "dev.cdevents.service.deployed.0.3.0",
        "timestamp": f"2026-03-02T{time}:00Z",
    }
    artifact = f"pkg:generic/shop@{dora.get('commit', time)}"
    content = {"environment": {"id": "production"}, "artifactId": artifact}
    subject = {"id": "shop", "content": content}
    told = {"specversion": "1.0", "id": time, "source": "/acme", "type": context["type"]}
    told |= {"time": context["timestamp"], "subject": "shop", "datacontenttype": "application/json"}
    data = {"context": context, "subject": subject, "customData": {"dora": dora}}
    return told | {"data": data}


def failed(seconds: int) -> Numbers:
    """Return the numbers of one deployment that failed, and recovered after that long."""
    return {
        "change-failure-rate": {"failed": 1, "count": 1, "value": 1.0},
        "failed-deployment-recovery-time": {"value": float(seconds), "count": 1, "open": 0},
    }


def incident(tool: str, examples: str, seconds: int) -> Story:
    """A deployment at ten, and an incident of it."""
    return Story(tool, examples, failed(seconds), (deployed("10:00"),))


def shipped(tool: str, examples: str, repository: str) -> Story:
    """Two commits of one push, each of which a deployment of its own names."""
    expected = {"lead-time-for-changes": {"value": 1800.0, "count": 2, "unlinked": 0, "gaps": 0}}
    first = deployed("08:45", commit=FIRST, repository=repository)
    second = deployed("10:00", commit=SECOND, repository=repository)
    return Story(tool, examples, expected, (first, second))


STORIES = {
    "an alert of Opsgenie": incident("opsgenie", "01 02 03 04 05", 3600),
    "an incident of incident.io": incident("incident-io", "01 02 03 04 05", 80 * 60),
    "one that is reopened": incident("incident-io", "01 04 06 07", 86_700),
    "a monitor of Datadog": incident("datadog", "01 02 03", 3600),
    "a metric alert of Sentry": incident("sentry", "01 02 03", 3600),
    "an issue of Sentry": incident("sentry", "06 07 08 09", 3610),
    "an incident of ServiceNow": incident("servicenow", "01 02 03 04 05", 80 * 60),
    "one that is reopened there": incident("servicenow", "01 04 05 06 07", 150 * 60),
    "an issue on which no rule fired": Story(
        "sentry", "06 09", {"change-failure-rate": {"failed": 0, "count": 1}}, (deployed("10:00"),)
    ),
    "releases of Octopus": Story(
        "octopus-deploy",
        "01 02 03 04 05 06",
        {
            "deployment-frequency": {"count": 3},
            "change-failure-rate": {"failed": 1, "count": 2, "value": 0.5},
            "failed-deployment-recovery-time": {"value": 2400.0, "count": 1, "open": 0},
            "deployment-rework-rate": {"rework": 1, "count": 3},
        },
    ),
    "releases of Azure DevOps": Story(
        "azure-devops", "28 29 30 31", {"deployment-frequency": {"count": 2}}
    ),
    "a push to Gitea": shipped("gitea", "01", "https://git.example.com/acme/shop"),
    "a push to Bitbucket": shipped("bitbucket", "01", "https://bitbucket.org/acme/shop"),
    "a push to Bitbucket Data Center": shipped(
        "bitbucket", "17", "ssh://git@git.example.com/scm/acme/shop.git"
    ),
    "a push to Azure DevOps": shipped(
        "azure-devops", "01", "https://ada@dev.azure.com/acme/Shop/_git/shop"
    ),
}


@pytest.fixture
def around(function: Functions, sink: Sink) -> Around:
    """All transformers."""
    return Around(function, sink)


@pytest.mark.parametrize("order", [in_order, shuffled_with_repeats])
@pytest.mark.parametrize("name", STORIES)
def test_the_examples_of_a_tool_give_their_numbers(
    modules_database: Database,
    around: Around,
    tmp_path: Path,
    name: str,
    order: Callable[[list[Sending]], list[Sending]],
) -> None:
    told = STORIES[name]
    events = [example(f"{told.tool}-transformer", number) for number in told.examples.split()]
    for send in order([partial(around.send, event) for event in (*told.deployments, *events)]):
        send()

    story = {"name": told.tool, "asked": ASKED, "expect": told.expected}
    with installation(modules_database, around.function, tmp_path, story):
        record(around.function, around.cdevents)
        wrong = [*differences(around.function, story)]

    assert wrong == []


def test_a_stage_of_azure_devops_ships_the_commit_that_its_build_says(
    modules_database: Database, around: Around, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, repository = "azure-devops-transformer", "https://dev.azure.com/acme/Shop/_git/shop"
    monkeypatch.setitem(around.function(name).environment, "DEPLOY_JOBS", "deploy*")
    push, stage, build = (example(name, number) for number in ("01", "24", "20"))
    build["data"]["resource"]["sourceVersion"] = SECOND

    for event in (push, deployed("08:45", commit=FIRST, repository=repository), stage, build):
        around.send(event)

    # The second was committed at 09:15, and its stage ended at 10:20.
    expected = {"lead-time-for-changes": {"value": (900 + 3900) / 2, "count": 2, "unlinked": 0}}
    story = {"name": "stage", "asked": ASKED, "expect": expected}
    with installation(modules_database, around.function, tmp_path, story):
        record(around.function, around.cdevents)
        assert [*differences(around.function, story)] == []
