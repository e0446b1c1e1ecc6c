"""Every story of tests/data/tools, as tools send it, gives the numbers that were worked out for it.

tests/data/tools/README.md says what a file holds; tool_stories.py has more of them.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from dora.tools.signatures import hex_digest
from local.cloudevent import read_event
from local.filters import Filter, trigger_filter
from local.functions import REPOSITORY
from tests.conftest import FUNCTIONS, Database, FunctionClient, Functions
from tests.metrics import tool_stories
from tests.metrics.stories import differences, installation, record
from tests.sink import Sink, sink

__all__ = ["sink"]
DATA = Path(__file__).parents[1] / "data" / "tools"
STORIES = [
    *(json.loads(file.read_text()) for file in sorted(DATA.glob("*.json"))),
    *tool_stories.STORIES,
]
TRANSFORMERS = [
    name for name, each in FUNCTIONS.items() if each.folder.parent.name == "transformers"
]
SECRET = "s3cret"  # noqa: S105 - of these tests only
JSON = {"content-type": "application/cloudevents+json"}

Event = dict[str, Any]
Sending = Callable[[], None]


class Around:
    """What is sent goes to the transformers whose Trigger takes it; what they make is collected."""

    def __init__(self, function: Functions, sink: Sink) -> None:
        self.function, self.sink = function, sink
        self.filters = {name: trigger(name) for name in TRANSFORMERS}
        self.cdevents: list[Event] = []

    def send(self, event: Event) -> None:
        """Send a CloudEvent to the Broker."""
        if event["type"].startswith("dev.cdevents"):
            self.cdevents.append(event)
            return
        attributes = read_event(JSON, json.dumps(event).encode()).attributes
        for name, matches in self.filters.items():
            if matches(attributes):
                for made in self.emitted(self.function(name), event):
                    self.send(made)

    def deliver(self, webhook: dict[str, Any], delivery: str) -> None:
        """Send a webhook to the webhooks endpoint, as the tool shows who it is."""
        body, headers = (
            json.dumps(webhook["body"]),
            webhook["headers"] | {"X-GitHub-Delivery": delivery},
        )
        for event in self.emitted(
            self.function("webhooks-endpoint"), body, webhook["path"], **headers, **shown(body)
        ):
            self.send(event)

    def emitted(self, client: FunctionClient, *sent: Any, **headers: str) -> list[Event]:
        """Post to a function, and return the CloudEvents that it answers or posts to its sink."""
        self.sink.bodies.clear()
        answer = client.post(*sent, **headers)
        assert answer.status_code in (200, 202, 204), answer.text
        bodies = [answer.data] if answer.status_code == 200 else self.sink.bodies
        return [json.loads(body) for body in bodies]


def trigger(name: str) -> Filter:
    """Return what a function's Trigger takes."""
    return trigger_filter(
        yaml.safe_load((REPOSITORY / "triggers" / f"{name}.yaml").read_text())["spec"]
    )


def shown(body: str) -> dict[str, str]:
    """Return the headers by which any of the tools shows that it knows the secret."""
    digest = hex_digest(SECRET, body.encode())
    return {
        "X-Hub-Signature-256": f"sha256={digest}",
        "X-Hub-Signature": f"sha256={digest}",
        "X-Signature": f"sha256={digest}",
        "X-PagerDuty-Signature": f"v1={digest}",
        "X-Gitea-Signature": digest,
        "Sentry-Hook-Signature": digest,
        "X-Gitlab-Token": SECRET,
        "Authorization": f"Bearer {SECRET}",
        "content-type": "application/json",
    }


def sendings(around: Around, story: dict[str, Any]) -> Iterator[Sending]:
    """Return each event and each webhook of a story, to be sent."""
    for event in story.get("cloudevents", []):
        yield partial(around.send, event)
    for number, webhook in enumerate(story.get("webhook", [])):
        yield partial(around.deliver, webhook, f"delivery-{number}")


def in_order(sent: list[Sending]) -> list[Sending]:
    return sent


def shuffled_with_repeats(sent: list[Sending]) -> list[Sending]:
    chance = random.Random(12)  # noqa: S311 - an order
    repeated = [*sent, *chance.sample(sent, k=len(sent) // 2)]
    return chance.sample(repeated, k=len(repeated))


@pytest.fixture
def around(function: Functions, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Around:
    """All transformers, and a webhooks endpoint that knows a secret of each tool."""
    for path in {webhook["path"] for story in STORIES for webhook in story.get("webhook", [])}:
        tool = path.strip("/").upper().replace("-", "_")
        monkeypatch.setenv(f"WEBHOOK_{tool}_SECRETS", SECRET)
    return Around(function, sink)


@pytest.mark.parametrize(
    "order", [in_order, pytest.param(shuffled_with_repeats, marks=pytest.mark.long)]
)
def test_every_story_gives_its_numbers(
    modules_database: Database,
    around: Around,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    order: Callable[[list[Sending]], list[Sending]],
) -> None:
    wrong = []
    for story in STORIES:
        around.cdevents.clear()
        for send in order([*sendings(around, story)]):
            send()
        with installation(modules_database, around.function, tmp_path, story):
            record(around.function, around.cdevents)
            wrong.append([*differences(around.function, story)])

    right = sum(not found for found in wrong)
    with capsys.disabled():
        sys.stdout.write(f"\n{right} of {len(STORIES)} stories of tools right, {order.__name__}\n")
    assert right == len(STORIES), "\n".join(line for found in wrong for line in found)
